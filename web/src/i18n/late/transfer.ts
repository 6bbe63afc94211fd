import { addEnglish } from '..'
import { transfer } from '../en/transfer'

addEnglish({ transfer })
