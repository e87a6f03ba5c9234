// What was begun and is not yet sent: kept for each case, so that it goes to no other, and a note to no customer.

export interface Draft {
  kind: string;
  text: string;
  /** Until that is over it cannot be sent again, wherever it is shown. */
  isSending: boolean;
}

const drafts = new Map<string, Draft>();

/** The draft about something, such as a case; an empty one of `kind` if there is none. */
export function draftAbout(about: string, kind: string): Draft {
  const begun = drafts.get(about);
  if (begun) return begun;
  const draft = $state({ kind, text: "", isSending: false });
  drafts.set(about, draft);
  return draft;
}
