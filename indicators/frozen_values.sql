-- Purpose: factors come with their calculation, in its transaction; none is added to one that stands.
CREATE FUNCTION burden_factor_comes_with_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM indicators_burdencalculation
   WHERE id = NEW.calculation_id AND transaction = txid_current();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'INSERT on % is refused: the calculation stands already', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER burden_factor_comes_with_it BEFORE INSERT ON indicators_burdenfactor
  FOR EACH ROW EXECUTE FUNCTION burden_factor_comes_with_it();

-- Purpose: a data release that was taken over or discarded stays as it was decided on.
CREATE FUNCTION release_stays_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'checked' THEN
    RAISE EXCEPTION '% on % is refused: the release is %', TG_OP, TG_TABLE_NAME, OLD.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER release_stays_as_decided BEFORE UPDATE OR DELETE ON indicators_datarelease
  FOR EACH ROW EXECUTE FUNCTION release_stays_as_decided();
CREATE TRIGGER release_never_truncated BEFORE TRUNCATE ON indicators_datarelease
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: values are written while their release is checked; none comes, goes or changes after the decision.
-- FOR SHARE waits for a decision that is on its way.
CREATE FUNCTION value_stays_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
  FOR found_status IN
    SELECT status FROM indicators_datarelease
     WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.release_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.release_id END)
       FOR SHARE
  LOOP
    IF found_status <> 'checked' THEN
      RAISE EXCEPTION '% on % is refused: the release is %', TG_OP, TG_TABLE_NAME, found_status
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER value_stays_as_decided BEFORE INSERT OR UPDATE OR DELETE ON indicators_indicatorvalue
  FOR EACH ROW EXECUTE FUNCTION value_stays_as_decided();
CREATE TRIGGER value_never_truncated BEFORE TRUNCATE ON indicators_indicatorvalue
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
