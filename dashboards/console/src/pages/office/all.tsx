// All pages that are loaded together, apart from the board.
import { t } from '../../i18n';
import type { Route } from '../../state/route';
import { AccountPage } from './account';
import { JoinPage, NewPasswordPage, SetupPage } from './arrival';
import { JournalPage } from './journal';
import { ScreensPage } from './screens';
import { SessionsPage } from './sessions';
import { TokensPage } from './tokens';
import { UserPage } from './user';
import { UsersPage } from './users';

export function OfficeRoute({ at }: { at: Route }) {
  switch (at.page) {
    case 'setup': return <SetupPage />;
    case 'join': return <JoinPage />;
    case 'password': return <NewPasswordPage />;
    case 'account': return <AccountPage />;
    case 'users': return <UsersPage />;
    case 'user': return <UserPage key={at.id} id={at.id} />;
    case 'sessions': return <SessionsPage />;
    case 'tokens': return <TokensPage />;
    case 'screens': return <ScreensPage />;
    case 'journal': return <JournalPage />;
    default: return <h1 tabIndex={-1}>{t('nowhere')}</h1>;
  }
}
