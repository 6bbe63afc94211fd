package service

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Filterf writes a filter over connections, for [SendOptions] and
// [Client.AddConnectionsToGroups]. Each %s or %v of the format becomes the next value as a
// literal of the filter language, so that no value can change what the filter means:
//
//	Filterf("userId ne %s and %s in groups", user, group)
//	Filterf("userId in %s", []string{"ann", "bob"})
//
// Texts of any string type are quoted; integers and booleans are written as they are, nil
// as null, slices as lists. Any other value, and an empty slice, for which the language has
// no literal, leaves a filter that the service refuses.
//
// The words of a filter: userId, connectionId, groups, protocol; eq ne gt ge lt le in, not
// and or; length tolower toupper trim contains startswith endswith indexof concat
// substring. Source: REST API, filter language.
func Filterf(format string, values ...any) string {
	literals := make([]any, len(values))
	for i, v := range values {
		literals[i] = literal(reflect.ValueOf(v))
	}
	return fmt.Sprintf(format, literals...)
}

func literal(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "null"
	case reflect.String:
		return "'" + strings.ReplaceAll(v.String(), "'", "''") + "'"
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Slice, reflect.Array:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = literal(v.Index(i))
		}
		return "(" + strings.Join(items, ",") + ")"
	case reflect.Interface:
		return literal(v.Elem())
	}
	return "%!(" + v.Type().String() + ")" // % is in no filter
}
