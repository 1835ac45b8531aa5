package mock

import "reflect"

// Switches returns for each switch of a vendor, given by a pointer, whether it is set. With it a
// test knows which switches it has not covered.
func Switches(vendor any) map[string]bool {
	set := map[string]bool{}
	v := reflect.ValueOf(vendor).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Type.Kind() != reflect.Struct { // a roster is a struct
			set[field.Name] = !v.Field(i).IsZero()
		}
	}
	return set
}
