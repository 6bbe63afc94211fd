import { addEnglish } from '..'
import { panels } from '../en/panels'

addEnglish({ panels })
