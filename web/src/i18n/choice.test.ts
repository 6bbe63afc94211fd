import { describe, expect, test } from 'vitest'
import { chooseLanguage } from './choice'

describe('the language', () => {
  test.each([
    [['en-GB', 'en'], 'en'],
    [['pt-BR', 'de-AT', 'en'], 'de'],
    [['zh-Hans-CN'], 'zh'],
    [['AR'], 'ar'],
    [['xx'], 'en'],
    [[], 'en'],
  ])('for a browser that wants %j is %s', (wanted, language) => {
    expect(chooseLanguage(wanted)).toBe(language)
  })
})
