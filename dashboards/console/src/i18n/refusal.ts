// What a refusal of the door means, in the words of people; everything else is told as the gateway said it.
import type { ApiError } from '../link/api_error';
import { t } from './index';

export function refusalText(error: ApiError): string {
  const seconds = error.retryAfter ?? 1;
  switch (error.code) {
    case 'unreachable': return t('unreachable');
    case 'too_many_attempts': return t('refused_attempts', { seconds });
    case 'too_many_requests': return t('refused_requests', { seconds });
    case 'forbidden': return t('refused_forbidden');
    case 'not_found': return t('not_found');
    case 'unauthenticated': return t('refused_signed_out');
    case 'pin_required':
    case 'password_required': return t('refused_unconfirmed');
    case 'precondition_failed':
    case 'precondition_required': return t('refused_precondition');
    default: return error.message;
  }
}
