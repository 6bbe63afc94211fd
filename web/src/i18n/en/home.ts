/** The words of the start page. */
export const home = {
  yourName: 'Your name',
  noName: 'Not given',
  headline: 'A board to draw on together',
  pitch: 'Make one, share its link, and everyone sees every line as it is drawn. No account needed.',
  newBoard: 'New board',
  notCreated: 'The board was not created: the server does not answer.',
  recent: 'Recent boards',
  recentNote: 'This list is kept in this browser only.',
  forget: 'Remove {title} from this list',
  forgotten: '“{title}” is not listed any more',
  justNow: 'just now',
} as const
