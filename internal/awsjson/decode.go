package awsjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// decode fills v, a pointer to a struct whose fields carry the member's name
// as their json tag. Unknown members are ignored, and so are members whose
// name differs in case. A member that is absent or null leaves a nil pointer
// or slice.
func decode(data []byte, v any) error {
	if len(data) == 0 {
		return errors.New("the request has no body")
	}
	return decodeValue(data, reflect.ValueOf(v).Elem(), "")
}

func decodeValue(data json.RawMessage, v reflect.Value, member string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if string(data) == "null" {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return decodeValue(data, v.Elem(), member)
	case reflect.Struct:
		var members map[string]json.RawMessage
		if err := unmarshal(data, &members, member); err != nil {
			return err
		}
		t := v.Type()
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if value, ok := members[name]; ok {
				if err := decodeValue(value, v.Field(i), join(member, name)); err != nil {
					return err
				}
			}
		}
		return nil
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Struct {
			break
		}
		var elements []json.RawMessage
		if err := unmarshal(data, &elements, member); err != nil || elements == nil {
			return err
		}
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if err := decodeValue(element, v.Index(i), fmt.Sprintf("%s[%d]", member, i)); err != nil {
				return err
			}
		}
		return nil
	}
	return unmarshal(data, v.Addr().Interface(), member)
}

func unmarshal(data []byte, v any, member string) error {
	err := json.Unmarshal(data, v)
	if err == nil {
		return nil
	}
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		err = fmt.Errorf("a JSON %s where %s belongs", mismatch.Value, mismatch.Type)
	}
	if member != "" {
		return fmt.Errorf("member %s: %w", member, err)
	}
	return err
}

func join(member, name string) string {
	if member == "" {
		return name
	}
	return member + "." + name
}
