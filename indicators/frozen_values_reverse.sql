DROP TRIGGER value_never_truncated ON indicators_indicatorvalue;
DROP TRIGGER value_stays_as_decided ON indicators_indicatorvalue;
DROP FUNCTION value_stays_as_decided();
DROP TRIGGER release_never_truncated ON indicators_datarelease;
DROP TRIGGER release_stays_as_decided ON indicators_datarelease;
DROP FUNCTION release_stays_as_decided();
DROP TRIGGER burden_factor_comes_with_it ON indicators_burdenfactor;
DROP FUNCTION burden_factor_comes_with_it();
