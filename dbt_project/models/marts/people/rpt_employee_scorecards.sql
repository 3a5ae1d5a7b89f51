{#- an employee's shares and means stratum by stratum, weighted by the brand's mix of what the employee had to do with -#}
{%- set is_share = "measure <> 'handle_seconds'" -%}
{%- set z = normal_quantile() -%}
{%- set value = quotient('total', 'n') -%}
{%- set error = mean_reach('n', 'total', 'squares') -%}
{%- set weighted_error = z ~ ' * sqrt(greatest(0, ' ~ quotient('squares_within', 'n - strata') ~ ') * weight_spread)' -%}
{%- set everyone = 'over (partition by brand, period, measure, stratum)' -%}
with

months as (
    select
        months.*,
        {{ month_text('months.period_month') }} as month,
        {{ month_text('horizons.as_of_date') }} as month_of_as_of
    from {{ ref('int_employee_months') }} as months
    inner join {{ ref('int_brand_horizons') }} as horizons
        on months.brand = horizons.brand
),

own as (
    select
        brand,
        month_of_as_of,
        employee_id,
        case when grouping(month) = 1 then 'all' else month end as period,
        measure,
        stratum,
        sum(n) as n,
        sum(total) as total,
        sum(squares) as squares
    from months
    group by brand, month_of_as_of, employee_id, measure, stratum, grouping sets ((month), ())
),

strata as (
    select
        *,
        {{ value }} as own_value,
        {{ quotient('sum(n) ' ~ everyone, 'sum(n) over (partition by brand, period, measure)') }} as weight,
        {{ quotient('sum(total) ' ~ everyone, 'sum(n) ' ~ everyone) }} as brand_value,
        case when {{ is_share }} then {{ wilson_exact('total', 'n', '-') }} end as own_lower,
        case when {{ is_share }} then {{ wilson_exact('total', 'n', '+') }} end as own_upper
    from own
),

cells as (
    select
        brand,
        month_of_as_of,
        employee_id,
        period,
        measure,
        sum(n) as n,
        sum(total) as total,
        sum(squares) as squares,
        count(*) as strata,
        sum(weight) as mix_covered,
        {{ quotient('sum(weight * own_value)', 'sum(weight)') }} as adjusted,
        {{ quotient('sum(weight * brand_value)', 'sum(weight)') }} as brand_value,
        {{ quotient('sqrt(sum(power(weight * (own_value - own_lower), 2)))', 'sum(weight)') }} as share_reach_down,
        {{ quotient('sqrt(sum(power(weight * (own_upper - own_value), 2)))', 'sum(weight)') }} as share_reach_up,
        sum(squares - {{ quotient('total * total', 'n') }}) as squares_within,
        {{ quotient('sum(' ~ quotient('weight * weight', 'n') ~ ')', 'power(sum(weight), 2)') }} as weight_spread
    from strata
    group by brand, month_of_as_of, employee_id, period, measure
),

bounded as (
    select
        *,
        case when {{ is_share }} then {{ wilson_exact('total', 'n', '-') }} else {{ value ~ ' - ' ~ error }} end as value_from,
        case when {{ is_share }} then {{ wilson_exact('total', 'n', '+') }} else {{ value ~ ' + ' ~ error }} end as value_to,
        adjusted - case when {{ is_share }} then share_reach_down else {{ weighted_error }} end as adjusted_from,
        adjusted + case when {{ is_share }} then share_reach_up else {{ weighted_error }} end as adjusted_to
    from cells
)

select
    brand,
    employee_id,
    period,
    case when period <> 'all' then period < month_of_as_of end as is_month_closed,
    measure,
    cast(n as bigint) as n,
    cast(total as bigint) as total,
    {{ published(value, 'n') }} as value,
    {{ published('value_from', 'n') }} as value_lower,
    {{ published('value_to', 'n') }} as value_upper,
    {{ published('adjusted', 'n') }} as adjusted,
    {{ published('adjusted_from', 'n') }} as adjusted_lower,
    {{ published('adjusted_to', 'n') }} as adjusted_upper,
    {{ published('brand_value', 'n') }} as brand_value,
    {{ published('mix_covered', 'n') }} as mix_covered,
    case
        when n < {{ var('min_cell') }} or adjusted_from is null then null
        when adjusted_from > brand_value then 'above'
        when adjusted_to < brand_value then 'below'
        else 'overlaps'
    end as standing
from bounded
