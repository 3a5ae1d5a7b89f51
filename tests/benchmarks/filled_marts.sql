-- The large facts of a year, filled so that every check of their suites passes; :rows of each.
insert into {schema}.fct_transactions (
    transaction_key, brand, source, transaction_id, customer_id, location_key, channel, opened_at, closed_at,
    business_date, status, currency, subtotal, discount, tax, total, line_count, units, lines_net_amount, is_return,
    has_return_reason, is_identified
)
select
    md5('sale' || n), 'default', 'store_pos', n, case when n % 3 > 0 then md5('customer' || n % 20000) end,
    'store' || n % 50, 'store', closed_at - interval '5 minutes', closed_at, cast(closed_at as date), 'completed', 'USD',
    total, 0, 0, total, 2, 3, total, false, false, n % 3 > 0
from (
    select n, 10 + n % 90 as total, timestamptz '2025-01-01 08:00+00' + n * interval '365 days' / {rows} as closed_at
    from generate_series(1, {rows}) as n
) as sales;

insert into {schema}.fct_calls (
    call_key, brand, source, contact_id, customer_id, channel, direction, initiation_method, queue_id, initiated_at,
    enqueued_at, connected_at, ended_at, business_date, interval_start_at, self_service_seconds, queue_seconds,
    interaction_seconds, hold_seconds, after_contact_work_seconds, leg_count, transfer_count, is_answered, is_abandoned,
    is_short_abandonment
)
select
    md5('call' || n), 'default', 'voice_center', n, case when n % 2 = 0 then md5('customer' || n % 20000) end, 'phone',
    'inbound', 'inbound', 'queue' || n % 10, began_at, began_at, began_at + interval '30 seconds',
    began_at + interval '4 minutes', cast(began_at as date),
    date_bin('30 minutes', began_at, timestamptz '2025-01-01 00:00+00'),
    0, 30, 180, 0, 30, 1, 0, true, false, false
from (
    select n, timestamptz '2025-01-01 08:00+00' + n * interval '365 days' / {rows} as began_at
    from generate_series(1, {rows}) as n
) as calls;

insert into {schema}.fct_touchpoints (
    touch_key, brand, source, customer_id, touchpoint_code, journey_stage, channel, direction, occurred_at, ended_at,
    business_date, ref_type, ref_key, record_count, is_complaint, episode_key
)
select
    md5('touch' || n), 'default', 'store_pos', md5('customer' || n % 20000), 'purchase', 'purchase', 'store', 'inbound',
    seen_at, seen_at, cast(seen_at as date), 'transaction', n, 1, false, md5('episode' || n / 4)
from (
    select n, timestamptz '2025-01-01 08:00+00' + n * interval '365 days' / {rows} as seen_at
    from generate_series(1, {rows}) as n
) as touches;
