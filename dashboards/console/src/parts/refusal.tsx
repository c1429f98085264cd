// A refusal: what it means, and what the gateway said, word for word.
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { refusalText } from '../i18n/refusal';
import type { ApiError } from '../link/api_error';

export function Details({ error }: { error: ApiError }) {
  return (
    <details>
      <summary>{t('details')}</summary>
      <p>{t('error_code')}: <code>{error.code}</code></p>
      {error.problem && <p>{t('request_id')}: <code>{error.problem.request_id}</code></p>}
      {error.problem ? <pre>{JSON.stringify(error.problem, null, 2)}</pre> : <p>{error.message}</p>}
    </details>
  );
}

// `text`: what it means here, where the code alone says too little.
export function Refusal({ error, text, children }: { error: ApiError | null; text?: string; children?: ComponentChildren }) {
  if (!error) return null;
  return (
    <div class="refusal" role="alert" data-code={error.code}>
      <p><strong>{text ?? refusalText(error)}</strong></p>
      <Details error={error} />
      {children}
    </div>
  );
}
