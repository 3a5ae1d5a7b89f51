{# Time arithmetic that engines spell differently. Instants are UTC; a zone is an IANA name. #}

{% macro local_date(instant, zone) -%}{{ return(adapter.dispatch('local_date')(instant, zone)) }}{%- endmacro %}
{% macro default__local_date(instant, zone) -%}
    cast({{ instant }} at time zone {{ zone }} as date)
{%- endmacro %}

{# What the clock on the wall shows in a zone, as text HH:MM. #}
{% macro local_clock(instant, zone) -%}{{ return(adapter.dispatch('local_clock')(instant, zone)) }}{%- endmacro %}
{% macro default__local_clock(instant, zone) -%}
    to_char({{ instant }} at time zone {{ zone }}, 'HH24:MI')
{%- endmacro %}

{# The instant at which a day begins in a zone. #}
{% macro day_begins(day, zone) -%}{{ return(adapter.dispatch('day_begins')(day, zone)) }}{%- endmacro %}
{% macro default__day_begins(day, zone) -%}
    (cast({{ day }} as timestamp) at time zone {{ zone }})
{%- endmacro %}

{% macro seconds_between(start, end) -%}{{ return(adapter.dispatch('seconds_between')(start, end)) }}{%- endmacro %}
{% macro default__seconds_between(start, end) -%}
    cast(floor(extract(epoch from ({{ end }} - {{ start }}))) as bigint)
{%- endmacro %}

{% macro days_between(start, end) -%}{{ return(adapter.dispatch('days_between')(start, end)) }}{%- endmacro %}
{% macro default__days_between(start, end) -%}
    ({{ end }} - {{ start }})
{%- endmacro %}

{% macro add_days(day, days) -%}{{ return(adapter.dispatch('add_days')(day, days)) }}{%- endmacro %}
{% macro default__add_days(day, days) -%}
    ({{ day }} + ({{ days }}))
{%- endmacro %}

{% macro month_start(day) -%}{{ return(adapter.dispatch('month_start')(day)) }}{%- endmacro %}
{% macro default__month_start(day) -%}
    cast(date_trunc('month', cast({{ day }} as timestamp)) as date)
{%- endmacro %}

{% macro quarter_start(day) -%}{{ return(adapter.dispatch('quarter_start')(day)) }}{%- endmacro %}
{% macro default__quarter_start(day) -%}
    cast(date_trunc('quarter', cast({{ day }} as timestamp)) as date)
{%- endmacro %}

{# The UTC start of the interval of `minutes` minutes that holds an instant. #}
{% macro interval_start(instant, minutes) -%}{{ return(adapter.dispatch('interval_start')(instant, minutes)) }}{%- endmacro %}
{% macro default__interval_start(instant, minutes) -%}
    to_timestamp(floor(extract(epoch from {{ instant }}) / {{ minutes * 60 }}) * {{ minutes * 60 }})
{%- endmacro %}

{# One row per interval of `minutes` minutes from the one that begins at `first_start` to the one at `last_start`. #}
{% macro interval_series(first_start, last_start, minutes) -%}
{{ return(adapter.dispatch('interval_series')(first_start, last_start, minutes)) }}
{%- endmacro %}
{% macro default__interval_series(first_start, last_start, minutes) -%}
    generate_series({{ first_start }}, {{ last_start }}, interval '{{ minutes }} minutes')
{%- endmacro %}

{# The instant at which a wall clock (text, HH:MM, up to 24:00) stands so on a day in a zone. #}
{% macro wall_clock(day, clock, zone) -%}{{ return(adapter.dispatch('wall_clock')(day, clock, zone)) }}{%- endmacro %}
{% macro default__wall_clock(day, clock, zone) -%}
    ((cast({{ day }} as timestamp) + cast({{ clock }} as interval)) at time zone {{ zone }})
{%- endmacro %}

{# 1 (Monday) to 7 (Sunday). #}
{% macro iso_weekday(day) -%}{{ return(adapter.dispatch('iso_weekday')(day)) }}{%- endmacro %}
{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{# One row per day from `first_day` to `last_day`, both included. #}
{% macro day_series(first_day, last_day) -%}{{ return(adapter.dispatch('day_series')(first_day, last_day)) }}{%- endmacro %}
{% macro default__day_series(first_day, last_day) -%}
    cast(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as date)
{%- endmacro %}

{# An instant given as ISO 8601 text. #}
{% macro instant(text) -%}{{ return(adapter.dispatch('instant')(text)) }}{%- endmacro %}
{% macro default__instant(text) -%}
    cast('{{ text }}' as timestamp with time zone)
{%- endmacro %}
