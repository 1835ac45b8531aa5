package mock

import "reflect"

// Switches tells for each switch of a vendor, given by a pointer, whether it is set. A test that plays all of
// them knows by it which one it has left out.
func Switches(vendor any) map[string]bool {
	set := map[string]bool{}
	v := reflect.ValueOf(vendor).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Type.Kind() != reflect.Struct { // a roster is none
			set[field.Name] = !v.Field(i).IsZero()
		}
	}
	return set
}
