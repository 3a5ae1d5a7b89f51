{{ config(
    materialized='by_key',
    key='entry_key',
    changed_by=[
        {'model': 'fct_transactions', 'logged': 'transaction_key'},
        {'model': 'int_sale_values', 'logged': 'transaction_key'},
        {'model': 'int_contact_handling', 'logged': 'touch_key'},
        {'model': 'fct_recoveries', 'logged': 'recovery_key'},
        {'model': 'int_segment_periods', 'logged': 'customer_id', 'through': 'this'},
        {'due': ['closed_at'], 'through': 'fct_transactions', 'key': 'transaction_key'},
        {'due': ['detected_at'], 'through': 'fct_recoveries', 'key': 'recovery_key'},
    ],
    logs=['period_month', 'customer_id'],
    indexes=[{'columns': ['entry_key']}, {'columns': ['period_month']}, {'columns': ['customer_id']}],
) }}
{%- set money = [
    'net_sales', 'cost_of_goods', 'dated_value', 'realised_value', 'refunds', 'delivery_cost', 'contact_cost', 'compensation'
] -%}
{#- kind → what its key and its amounts are called; a sale that was only marked as returned is neither sale nor return -#}
{%- set kinds = {
    'sale': ('transactions', 'transaction_key', "status = 'completed' and not is_return", 'coalesce(is_costed, false)', 'null', {
        'net_sales': 'amount', 'cost_of_goods': 'cost_of_goods', 'dated_value': 'dated_value',
        'realised_value': 'realised_value', 'delivery_cost': 'delivery_cost',
    }),
    'return': ('transactions', 'transaction_key',
               'is_return and (amount < 0 or return_of_transaction_key is not null)', 'null', 'null',
               {'refunds': 'abs(amount)', 'delivery_cost': 'delivery_cost'}),
    'contact': ('contacts', 'touch_key', 'true', 'cost is not null', 'labour_seconds', {'contact_cost': 'cost'}),
    'compensation': ('recoveries', 'recovery_key', 'compensation_amount is not null', 'null', 'null',
                     {'compensation': 'compensation_amount'}),
} -%}
-- noqa: disable=LT05
with

horizons as (select * from {{ ref('int_brand_horizons') }}),

transactions as (
    select
        sales.*,
        goods.is_costed,
        goods.cost_of_goods,
        goods.dated_value,
        goods.realised_value,
        coalesce(sales.lines_net_amount, sales.total - coalesce(sales.tax, 0)) as amount
    from {{ ref('fct_transactions') }} as sales
    inner join horizons
        on sales.brand = horizons.brand and sales.closed_at <= horizons.as_of
    left join {{ ref('int_sale_values') }} as goods
        on sales.transaction_key = goods.transaction_key
    {{ where_changed('sales.transaction_key') }}
),

contacts as (
    select * from {{ ref('int_contact_handling') }}
    {{ where_changed('touch_key') }}
),

recoveries as (
    select recoveries.*
    from {{ ref('fct_recoveries') }} as recoveries
    inner join horizons
        on recoveries.brand = horizons.brand and recoveries.detected_at <= horizons.as_of
    {{ where_changed('recoveries.recovery_key') }}
),

entries as (
    {%- for kind, (table, key, condition, is_costed, seconds, amounts) in kinds.items() %}
    select
        {{ key }} as entry_key, '{{ kind }}' as kind, brand, customer_id, business_date, coalesce(currency, 'unknown') as currency,
        {{ month_start('business_date') }} as period_month,
        {{ 'location_key' if table == 'transactions' else 'cast(null as text)' }} as location_key,
        cast({{ is_costed }} as boolean) as is_costed,
        cast({{ seconds }} as bigint) as labour_seconds
        {%- for column in money %}, cast({{ amounts.get(column, 'null') }} as decimal(18, 4)) as {{ column }}{% endfor %}
    from {{ table }}
    where {{ condition }} {{ 'union all' if not loop.last }}
    {%- endfor %}
),

segments as (
    select
        entries.entry_key,
        {{ first_known('periods.segment_code', 'periods.valid_from desc, ' ~ byte_order('periods.segment_code')) }} as segment_code
    from entries
    inner join {{ ref('int_segment_periods') }} as periods
        on
            entries.customer_id = periods.customer_id
            and entries.business_date >= periods.valid_from
            and entries.business_date < periods.valid_to
    group by entries.entry_key
)

select
    entries.*,
    coalesce(segments.segment_code, 'unknown') as segment_code
from entries
left join segments
    on entries.entry_key = segments.entry_key
