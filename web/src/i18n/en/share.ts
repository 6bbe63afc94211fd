/** The words of the dialog that shares a board. */
export const share = {
  open: 'Share',
  title: 'Share this board',
  offline: 'The links can’t be had without a connection.',
  canDraw: 'Can draw',
  canDrawNote: 'Whoever has this link may draw, chat and share.',
  canView: 'Can only view',
  canViewNote: 'Sees everything as it happens, changes nothing.',
  note: 'A new link shuts out everyone who came by the old one.',
  link: 'Link: {title}',
  copy: 'Copy',
  copied: 'Copied',
  replace: 'Replace by a new link',
  replaced: 'New link made. The old one no longer works.',
  notReplaced: 'The link was not replaced. Is there a connection?',
} as const
