/** The words about who is here. */
export const people = {
  title: 'People',
  alone: 'You are alone here',
  here: { one: '{n} person is here', other: '{n} people are here' },
  onlyYou: 'Only you are here',
  you: 'you',
  viewing: 'viewing',
  yourName: 'Your name',
  question: 'What is your name?',
  notNow: 'Not now',
  seenByViewers: 'Others see who is looking on.',
  seenByEditors: 'Others see it beside your cursor.',
} as const
