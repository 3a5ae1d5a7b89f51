{#
    Means of `touched` observations beside those of `others` of the same scope and stratum, the others weighted as the touched are
    spread over the strata, and the standard error of the difference by person (what each observation adds to it, to first order).
    Both are relations of (brand, scope, customer_id, stratum, value), touched ones with a `code`; who has nobody alike in
    the other is left out. One row a brand, scope and code.

    Observations meet by one column, their cell: of three, Postgres expects next to none to be equal, and compares each of the
    others with each stratum.
#}
{% macro matched_differences(touched, others) -%}
    {%- set cell = "concat_ws(chr(31), brand, scope, stratum)" -%}
    own_cells as (
        select *, {{ cell }} as cell
        from {{ touched }}
    ),

    other_cells as (
        select *, {{ cell }} as cell
        from {{ others }}
    ),

    alike as (
        select
            cell,
            count(*) as others,
            {{ quotient('sum(value)', 'count(*)') }} as others_mean
        from other_cells
        group by cell
    ),

    own as (
        select brand, scope, code, cell, count(*) as touched, sum(value) as total
        from own_cells
        group by brand, scope, code, cell
    ),

    strata as (
        select
            own.*,
            alike.others,
            alike.others_mean,
            sum(own.touched) over of_code as all_touched,
            {{ quotient('sum(own.total) over of_code', 'sum(own.touched) over of_code') }} as own_mean,
            {{ quotient('sum(own.touched * alike.others_mean) over of_code', 'sum(own.touched) over of_code') }} as matched_mean
        from own
        inner join alike on own.cell = alike.cell
        window of_code as (partition by own.brand, own.scope, own.code)
    ),

    influences as (
        select strata.brand, strata.scope, strata.code, own.customer_id, 1 as is_touched,
            (own.value - strata.others_mean - strata.own_mean + strata.matched_mean) / strata.all_touched as influence
        from own_cells as own
        inner join strata on own.cell = strata.cell and own.code = strata.code
        union all
        select strata.brand, strata.scope, strata.code, other.customer_id, 0 as is_touched,
            {{ quotient('strata.touched', 'strata.others') }} * (strata.others_mean - other.value) / strata.all_touched as influence
        from other_cells as other
        inner join strata on other.cell = strata.cell
    ),

    persons as (
        select brand, scope, code, customer_id, sum(influence) as influence,
            max(is_touched) as is_touched, 1 - min(is_touched) as is_other
        from influences
        group by brand, scope, code, customer_id
    ),

    errors as (
        select
            brand,
            scope,
            code,
            sum(is_touched) as touched_persons,
            sum(is_other) as other_persons,
            sqrt({{ quotient('count(*)', '(count(*) - 1)') }} * sum(influence * influence)) as standard_error
        from persons
        group by brand, scope, code
    ),

    effects as (
        select distinct brand, scope, code, all_touched as touched, own_mean, matched_mean
        from strata
    )

    select
        effects.brand,
        effects.scope,
        effects.code,
        effects.touched,
        errors.touched_persons,
        errors.other_persons,
        {{ rounded('effects.own_mean', 6) }} as own_mean,
        {{ rounded('effects.matched_mean', 6) }} as matched_mean,
        {{ rounded('errors.standard_error', 6) }} as standard_error
    from effects
    inner join errors
        on effects.brand = errors.brand and effects.scope = errors.scope and effects.code = errors.code
{%- endmacro %}
