{#
    The touchpoint rule of each combination (ref_type, channel, direction, kind): '*' matches anything; of the rules that
    match, the lowest priority number wins.
#}
{% macro best_touchpoint_rules(combinations, rules) -%}
    select * from (
        select
            combinations.ref_type,
            combinations.channel,
            combinations.direction,
            combinations.kind,
            rules.touchpoint_code,
            rules.journey_stage,
            rules.is_moment_of_truth,
            row_number() over (
                partition by combinations.ref_type, combinations.channel, combinations.direction, combinations.kind
                order by rules.priority, {{ byte_order('rules.touchpoint_code') }}
            ) as precedence
        from {{ combinations }} as combinations
        inner join {{ rules }} as rules
            on
                combinations.ref_type = rules.entity
                and rules.channel in (combinations.channel, '*')
                and rules.direction in (combinations.direction, '*')
                and rules.kind in (combinations.kind, '*')
    ) as ranked
    where precedence = 1
{%- endmacro %}
