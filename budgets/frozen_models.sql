-- Purpose: a model stays as it was proposed; only whether it is still open may change, and that once.
CREATE FUNCTION model_stays_as_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE decided budgets_distributionmodel := OLD;
BEGIN
  decided.status := NEW.status;
  IF TG_OP = 'DELETE' OR OLD.status <> 'proposed' OR NEW IS DISTINCT FROM decided THEN
    RAISE EXCEPTION '% on % is refused: the model was %', TG_OP, TG_TABLE_NAME, OLD.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER model_stays_as_proposed BEFORE UPDATE OR DELETE ON budgets_distributionmodel
  FOR EACH ROW EXECUTE FUNCTION model_stays_as_proposed();
CREATE TRIGGER model_never_truncated BEFORE TRUNCATE ON budgets_distributionmodel
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
