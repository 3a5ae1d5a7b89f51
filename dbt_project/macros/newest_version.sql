{# The newest version of each (_source, key) among the loads frozen for this build, deleted keys left out.
   Ties go to the larger payload hash: the order of arrival never decides.
   `event_at` says when a record happened: a build does not know what lies after its own instant, be it a build as of
   an earlier one or a record dated 9999-12-31. #}
{% macro newest_version(raw_table, keys, event_at=none) -%}
    select versions.*
    from (
        select
            records.*,
            row_number() over (
                partition by records._source{% for key in keys %}, records.{{ key }}{% endfor %}
                order by records._version_at desc, records._payload_hash desc, records.is_deleted desc
            ) as _version_rank
        from {{ raw_table }} as records
        inner join {{ source('ops', 'build_loads') }} as loads
            on records._load_id = loads.load_id
        where
            loads.build_id = {{ build_id() }}
            {%- if event_at and var('as_of') %}
            and (records.{{ event_at }} <= {{ instant(var('as_of')) }} or records.{{ event_at }} is null)
            {%- endif %}
    ) as versions
    where versions._version_rank = 1 and not versions.is_deleted
{%- endmacro %}

{# The sources of this build with the attributes frozen with it. #}
{% macro build_sources() -%}
    select
        sources.source,
        sources.kind,
        sources.brand,
        sources.currency,
        coalesce(sources.timezone, '{{ var("reporting_timezone") }}') as timezone
    from {{ source('ops', 'build_sources') }} as sources
    where sources.build_id = {{ build_id() }}
{%- endmacro %}

{# The instant through which each brand's data are complete: every window closes against it, never against now. #}
{% macro build_brands() -%}
    select
        brands.brand,
        brands.as_of
    from {{ source('ops', 'build_brands') }} as brands
    where brands.build_id = {{ build_id() }}
{%- endmacro %}
