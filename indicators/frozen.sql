-- Purpose: stored factors stay as they were computed; money rests on them.
CREATE TRIGGER burden_calculation_append_only BEFORE UPDATE OR DELETE ON indicators_burdencalculation
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER burden_calculation_never_truncated BEFORE TRUNCATE ON indicators_burdencalculation
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER burden_factor_append_only BEFORE UPDATE OR DELETE ON indicators_burdenfactor
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER burden_factor_never_truncated BEFORE TRUNCATE ON indicators_burdenfactor
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: a scheme that was adopted never changes but for being superseded.
CREATE FUNCTION scheme_refuse_change_once_adopted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE superseded indicators_weightingscheme := OLD;
BEGIN
  IF OLD.status NOT IN ('adopted', 'superseded') THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  superseded.status := 'superseded';
  IF TG_OP = 'DELETE' OR NEW IS DISTINCT FROM superseded THEN
    RAISE EXCEPTION '% on % is refused: an adopted scheme never changes', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER scheme_adopted_stays BEFORE UPDATE OR DELETE ON indicators_weightingscheme
  FOR EACH ROW EXECUTE FUNCTION scheme_refuse_change_once_adopted();
CREATE TRIGGER scheme_never_truncated BEFORE TRUNCATE ON indicators_weightingscheme
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Purpose: weights, dimensions and decisions on gaps are part of their scheme: nothing comes, goes or changes after
-- its adoption.
CREATE FUNCTION scheme_part_refuse_change_once_adopted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM indicators_weightingscheme
   WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.scheme_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.scheme_id END)
     AND status IN ('adopted', 'superseded');
  IF FOUND THEN
    RAISE EXCEPTION '% on % is refused: an adopted scheme never changes', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER scheme_indicator_stays BEFORE INSERT OR UPDATE OR DELETE ON indicators_schemeindicator
  FOR EACH ROW EXECUTE FUNCTION scheme_part_refuse_change_once_adopted();
CREATE TRIGGER scheme_dimension_stays BEFORE INSERT OR UPDATE OR DELETE ON indicators_schemedimension
  FOR EACH ROW EXECUTE FUNCTION scheme_part_refuse_change_once_adopted();
CREATE TRIGGER gap_decision_stays BEFORE INSERT OR UPDATE OR DELETE ON indicators_gapdecision
  FOR EACH ROW EXECUTE FUNCTION scheme_part_refuse_change_once_adopted();
