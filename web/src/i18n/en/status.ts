/** What the page says about its connection. */
export const status = {
  connecting: 'Connecting',
  saved: 'Saved',
  saving: 'Saving',
  offline: 'Offline',
  waiting: { one: 'Offline, {n} waiting', other: 'Offline, {n} waiting' },
  refused: 'Not saved',
  changeRefused: 'A change was not accepted: {reason}.',
  outOfDate: 'This page is out of date. Nothing is lost.',
  bannerViewer: 'No connection. What others draw shows when it is back.',
  bannerEditor: 'No connection. You can go on drawing; nothing is lost.',
  bannerKept: {
    one: 'No connection. {n} change is kept here and sent when it is back.',
    other: 'No connection. {n} changes are kept here and sent when it is back.',
  },
} as const
