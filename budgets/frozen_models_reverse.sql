DROP TRIGGER model_never_truncated ON budgets_distributionmodel;
DROP TRIGGER model_stays_as_proposed ON budgets_distributionmodel;
DROP FUNCTION model_stays_as_proposed();
