-- Purpose: a round of points is closed once; then only the scheme its weights went into is entered, once. Whether the
-- group sees single points is settled before the first sheet is handed in.
CREATE FUNCTION weight_round_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE after_closing committees_weightround := OLD;
BEGIN
  after_closing.result_id := NEW.result_id;
  IF TG_OP = 'DELETE' OR (OLD.status = 'closed' AND (OLD.result_id IS NOT NULL OR NEW IS DISTINCT FROM after_closing)) THEN
    RAISE EXCEPTION '% on % is refused: the round is %', TG_OP, TG_TABLE_NAME, OLD.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.shows_points AND NOT OLD.shows_points THEN
    PERFORM 1 FROM committees_pointsheet WHERE round_id = OLD.id AND status = 'submitted';
    IF FOUND THEN
      RAISE EXCEPTION '% on % is refused: points were handed in unseen', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER weight_round_stays_closed BEFORE UPDATE OR DELETE ON committees_weightround
  FOR EACH ROW EXECUTE FUNCTION weight_round_stays_closed();

-- Purpose: what members gave and proposed stays as it was when the round was closed. FOR SHARE waits for a closing that
-- is on its way.
CREATE FUNCTION round_part_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
  FOR found_status IN
    SELECT status FROM committees_weightround
     WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.round_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.round_id END)
       FOR SHARE
  LOOP
    IF found_status = 'closed' THEN
      RAISE EXCEPTION '% on % is refused: the round is closed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER point_sheet_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_pointsheet
  FOR EACH ROW EXECUTE FUNCTION round_part_stays_closed();
CREATE TRIGGER round_indicator_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_roundindicator
  FOR EACH ROW EXECUTE FUNCTION round_part_stays_closed();
CREATE TRIGGER indicator_proposal_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_indicatorproposal
  FOR EACH ROW EXECUTE FUNCTION round_part_stays_closed();

CREATE FUNCTION points_stay_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
  FOR found_status IN
    SELECT round.status FROM committees_pointsheet AS sheet JOIN committees_weightround AS round ON round.id = sheet.round_id
     WHERE sheet.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.sheet_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.sheet_id END)
       FOR SHARE OF round
  LOOP
    IF found_status = 'closed' THEN
      RAISE EXCEPTION '% on % is refused: the round is closed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER points_stay_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_points
  FOR EACH ROW EXECUTE FUNCTION points_stay_closed();

-- Purpose: the same for ratings. After the closing only the proposal a model was handed over as is entered, once.
CREATE FUNCTION acceptance_round_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status = 'closed' THEN
    RAISE EXCEPTION '% on % is refused: the round is %', TG_OP, TG_TABLE_NAME, OLD.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER acceptance_round_stays_closed BEFORE UPDATE OR DELETE ON committees_acceptanceround
  FOR EACH ROW EXECUTE FUNCTION acceptance_round_stays_closed();

CREATE FUNCTION rated_model_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
DECLARE handed_over committees_ratedmodel;
BEGIN
  SELECT status INTO found_status FROM committees_acceptanceround
   WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.round_id ELSE NEW.round_id END FOR SHARE;
  IF TG_OP = 'UPDATE' THEN
    handed_over := OLD;
    handed_over.proposal_id := NEW.proposal_id;
    IF NEW IS DISTINCT FROM handed_over OR OLD.proposal_id IS NOT NULL THEN
      RAISE EXCEPTION '% on % is refused: members rate what it was', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF found_status = 'closed' THEN
    RAISE EXCEPTION '% on % is refused: the round is closed', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER rated_model_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_ratedmodel
  FOR EACH ROW EXECUTE FUNCTION rated_model_stays_closed();

CREATE FUNCTION rating_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found_status text;
BEGIN
  FOR found_status IN
    SELECT round.status FROM committees_ratedmodel AS model JOIN committees_acceptanceround AS round ON round.id = model.round_id
     WHERE model.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.model_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.model_id END)
       FOR SHARE OF round
  LOOP
    IF found_status = 'closed' THEN
      RAISE EXCEPTION '% on % is refused: the round is closed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER rating_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON committees_rating
  FOR EACH ROW EXECUTE FUNCTION rating_stays_closed();

-- Purpose: a saved scenario keeps its assumptions; it is put aside, never thrown away.
CREATE FUNCTION scenario_stays_as_saved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.query, NEW.fingerprint, NEW.year_id, NEW.scheme_id, NEW.owner_id, NEW.created_at)
      IS DISTINCT FROM (OLD.query, OLD.fingerprint, OLD.year_id, OLD.scheme_id, OLD.owner_id, OLD.created_at) THEN
    RAISE EXCEPTION '% on % is refused: a scenario stays as it was saved', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER scenario_stays_as_saved BEFORE UPDATE OR DELETE ON committees_savedscenario
  FOR EACH ROW EXECUTE FUNCTION scenario_stays_as_saved();

-- Purpose: a statement stays as its carrier submitted it.
CREATE FUNCTION statement_stays_as_submitted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'submitted' THEN
    RAISE EXCEPTION '% on % is refused: the statement is submitted', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER statement_stays_as_submitted BEFORE UPDATE OR DELETE ON committees_carrierstatement
  FOR EACH ROW EXECUTE FUNCTION statement_stays_as_submitted();

-- Purpose: none of these tables is ever emptied at once.
CREATE TRIGGER weight_round_never_truncated BEFORE TRUNCATE ON committees_weightround
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER point_sheet_never_truncated BEFORE TRUNCATE ON committees_pointsheet
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_never_truncated BEFORE TRUNCATE ON committees_points
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER round_indicator_never_truncated BEFORE TRUNCATE ON committees_roundindicator
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER indicator_proposal_never_truncated BEFORE TRUNCATE ON committees_indicatorproposal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acceptance_round_never_truncated BEFORE TRUNCATE ON committees_acceptanceround
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rated_model_never_truncated BEFORE TRUNCATE ON committees_ratedmodel
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rating_never_truncated BEFORE TRUNCATE ON committees_rating
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER scenario_never_truncated BEFORE TRUNCATE ON committees_savedscenario
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_never_truncated BEFORE TRUNCATE ON committees_carrierstatement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
