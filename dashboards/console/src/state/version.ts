// Whether the gateway is newer than this page, and the reload that brings the page up to it.
const kReloadedFor = 'firegate.reloaded_for';

let first = ''; // what the gateway said when this page first heard it

// The gateway's version where this page is another one's: built for another, or loaded before an update. A page that has been loaded
// anew for a version and still differs was built so, and does not try for ever.
export function newerThanPage(version: string, build: string): string | null {
  const sinceLoaded = first !== '' && version !== first;
  first ||= version;
  const builtForAnother = version !== build && reloadedFor() !== version;
  return sinceLoaded || builtForAnother ? version : null;
}

export function reloadFor(version: string): void {
  try {
    sessionStorage.setItem(kReloadedFor, version);
  } catch {
    return; // without storage nothing would end the reloading: a person may press the button
  }
  location.reload();
}

function reloadedFor(): string | null {
  try {
    return sessionStorage.getItem(kReloadedFor);
  } catch {
    return null;
  }
}
