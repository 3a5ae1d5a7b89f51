{# The build this run belongs to; every read of raw, ops and identity is filtered on it. #}
{% macro build_id() -%}
    {{ var('build_id') | int }}
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
