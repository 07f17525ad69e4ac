"""`make bench`: what is measured, how long it takes against what it must take, on a database of its own.

Times of a machine say little and change with its load, so every row is a ratio: to a yardstick that takes turns with
it, or to a figure that must hold anywhere. A row over its bar is shown, not punished.
"""
