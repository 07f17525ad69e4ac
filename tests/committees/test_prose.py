"""Plain text becomes paragraphs and lists, and nothing else."""

import pytest

from committees.templatetags.prose import prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Ein Absatz.\n\nNoch einer.", "<p>Ein Absatz.</p><p>Noch einer.</p>"),
        ("Zeile\nZeile", "<p>Zeile<br>Zeile</p>"),
        ("- eins\n- zwei", "<ul><li>eins</li><li>zwei</li></ul>"),
        ("1. eins\n   weiter\n2. zwei", '<ol class="numbers"><li>eins weiter</li><li>zwei</li></ol>'),
        (
            "1. eins\na) so\nb) so\n2. zwei",
            '<ol class="numbers"><li>eins<ol class="letters"><li>so</li><li>so</li></ol></li><li>zwei</li></ol>',
        ),
        ("a) so\n\nDann", '<ol class="letters"><li>so</li></ol><p>Dann</p>'),
        ("b) so", '<ol class="letters" start="2"><li>so</li></ol>'),
        ("2025/124 gilt.", "<p>2025/124 gilt.</p>"),
        ("1. <b>fett</b> & mehr", '<ol class="numbers"><li>&lt;b&gt;fett&lt;/b&gt; &amp; mehr</li></ol>'),
    ],
)
def test_text_becomes_paragraphs_and_lists(text: str, html: str) -> None:
    assert prose(text) == html
