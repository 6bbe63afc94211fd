import { addEnglish } from '..'
import { switched } from '../en/switched'

addEnglish({ switched })
