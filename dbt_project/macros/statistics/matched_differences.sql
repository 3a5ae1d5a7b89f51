{#
    Means of `touched` observations beside those of `others` of the same scope and stratum, the others weighted as the touched are
    spread over the strata, and the standard error of the difference by person (what each observation adds to it, to first order).
    Both are relations of (brand, scope, customer_id, stratum, value), touched ones with a `code`; who has nobody alike in
    the other is left out. One row a brand, scope and code.
#}
{% macro matched_differences(touched, others) -%}
    alike as (
        select
            brand,
            scope,
            stratum,
            count(*) as others,
            {{ quotient('sum(value)', 'count(*)') }} as others_mean
        from {{ others }}
        group by brand, scope, stratum
    ),

    strata as (
        select
            own.brand,
            own.scope,
            own.code,
            own.stratum,
            own.touched,
            own.total,
            alike.others,
            alike.others_mean
        from (
            select brand, scope, code, stratum, count(*) as touched, sum(value) as total
            from {{ touched }}
            group by brand, scope, code, stratum
        ) as own
        inner join alike
            on own.brand = alike.brand and own.scope = alike.scope and own.stratum = alike.stratum
    ),

    effects as (
        select
            brand,
            scope,
            code,
            sum(touched) as touched,
            {{ quotient('sum(total)', 'sum(touched)') }} as own_mean,
            {{ quotient('sum(touched * others_mean)', 'sum(touched)') }} as matched_mean
        from strata
        group by brand, scope, code
    ),

    influences as (
        select strata.brand, strata.scope, strata.code, own.customer_id, 1 as is_touched,
            (own.value - strata.others_mean - effects.own_mean + effects.matched_mean) / effects.touched as influence
        from {{ touched }} as own
        inner join strata
            on own.brand = strata.brand and own.scope = strata.scope and own.code = strata.code and own.stratum = strata.stratum
        inner join effects
            on strata.brand = effects.brand and strata.scope = effects.scope and strata.code = effects.code
        union all
        select strata.brand, strata.scope, strata.code, other.customer_id, 0 as is_touched,
            {{ quotient('strata.touched', 'strata.others') }} * (strata.others_mean - other.value) / effects.touched as influence
        from {{ others }} as other
        inner join strata
            on other.brand = strata.brand and other.scope = strata.scope and other.stratum = strata.stratum
        inner join effects
            on strata.brand = effects.brand and strata.scope = effects.scope and strata.code = effects.code
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
