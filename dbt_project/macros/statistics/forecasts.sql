{# Whether a brand's fitted model may be used: it converged and rests on enough customers who came again. #}
{% macro usable_forecast(models) -%}
({{ models }}.is_frequency_fitted and {{ models }}.repeaters >= {{ var('forecast_min_repeaters') }})
{%- endmacro %}

{# Gamma-Gamma (Fader and Hardie 2013): mean spend per purchase to come, p (γ + x m) / (p x + q - 1), of a customer with x
   priced repeat purchases of mean m; null where no model of spend was fitted or its mean is infinite. #}
{% macro expected_spend(models, histories) -%}
case
    when {{ models }}.is_spend_fitted and {{ models }}.q > 1
        then
            {{ models }}.p * ({{ models }}.gamma + coalesce({{ histories }}.repeat_spend, 0))
            / ({{ models }}.p * {{ histories }}.spend_days + {{ models }}.q - 1)
end
{%- endmacro %}
