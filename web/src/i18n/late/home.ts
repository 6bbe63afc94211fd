import { addEnglish } from '..'
import { home } from '../en/home'

addEnglish({ home })
