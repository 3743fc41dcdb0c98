"""Lets any number of workers and senders start at once: notifying a queue is switched on once.

The function as pgmq ships it drops and makes the trigger on every call, and every process calls it
when it first touches a queue: two at once fail with "trigger already exists".
"""

from django.db import migrations

NOTIFY_ONCE = """
CREATE OR REPLACE FUNCTION pgmq.enable_notify_insert(
  queue_name TEXT, throttle_interval_ms INTEGER DEFAULT 250
) RETURNS void AS $$
DECLARE
  wanted TEXT := queue_name;
  throttle INTEGER := throttle_interval_ms;
  qtable TEXT := pgmq.format_table_name(queue_name, 'q');
  place regclass := to_regclass(format('pgmq.%I', qtable));
BEGIN
  IF throttle < 0 THEN
    RAISE EXCEPTION 'throttle_interval_ms must be non-negative';
  END IF;
  IF place IS NULL THEN
    RAISE EXCEPTION 'Queue "%" does not exist. Create it first using pgmq.create()', wanted;
  END IF;

  PERFORM pg_advisory_xact_lock(hashtext('pgmq.enable_notify_insert'), hashtext(wanted));
  INSERT INTO pgmq.notify_insert_throttle AS known (queue_name, throttle_interval_ms)
  VALUES (wanted, throttle)
  ON CONFLICT ON CONSTRAINT notify_insert_throttle_queue_name_key DO UPDATE
    SET throttle_interval_ms = EXCLUDED.throttle_interval_ms, last_notified_at = to_timestamp(0)
    WHERE known.throttle_interval_ms IS DISTINCT FROM EXCLUDED.throttle_interval_ms;

  IF NOT EXISTS (
    SELECT 1 FROM pg_trigger
    WHERE tgrelid = place AND tgname = 'trigger_notify_queue_insert_listeners'
  ) THEN
    EXECUTE format(
      'CREATE CONSTRAINT TRIGGER trigger_notify_queue_insert_listeners AFTER INSERT ON pgmq.%I '
      'DEFERRABLE FOR EACH ROW EXECUTE PROCEDURE pgmq.notify_queue_listeners()',
      qtable
    );
  END IF;
END;
$$ LANGUAGE plpgsql;
"""


class Migration(migrations.Migration):
    """Replaces one function of the message queue; the queues and their messages stay."""

    dependencies = [("trace_app", "0004_saved_views")]
    operations = [migrations.RunSQL(NOTIFY_ONCE, migrations.RunSQL.noop)]
