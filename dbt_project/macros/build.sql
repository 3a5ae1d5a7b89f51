{#
    What this build was asked for: build_id, code, instant, as_of; none if it was not. A var, or the environment, which may
    change without having dbt parse the project anew, provided that nothing reads it while dbt parses.
#}
{% macro asked(name) -%}
    {%- set given = var(name, none) -%}
    {%- if given is none and execute -%}
        {%- set given = env_var('TOUCHLINE_DBT_' ~ name | upper, '') or none -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}

{# The build this run belongs to; every read of raw, ops and identity is filtered on it. #}
{% macro build_id() -%}
    {%- set given = asked('build_id') -%}
    {%- if given is none and execute -%}
        {%- do exceptions.raise_compiler_error('No build is named: set TOUCHLINE_DBT_BUILD_ID or the var build_id') -%}
    {%- endif -%}
    {{ return(given | int) }}
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

{#
    The day of an instant for a brand, over its rows of `build_sources`, named `sources`: a local day is over for the brand only
    when it is over in the zone of every source.
#}
{% macro brand_date(instant) -%}
    min({{ local_date(instant, 'sources.timezone') }})
{%- endmacro %}
