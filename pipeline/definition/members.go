package definition

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// members looks for members without a field, and for those without a value.
func (c *checker) members() {
	c.structMembers(reflect.ValueOf(c.p).Elem(), "")
}

func (c *checker) structMembers(v reflect.Value, path string) {
	var names []string
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("json")
		if tag == "-" || tag == "" {
			continue
		}
		if v.Field(i).Type() == providerType {
			names = append(names, tag, configurationName)
			if !v.Field(i).IsZero() && !isNil(v.Field(i).Interface().(Provider)) {
				t := v.Field(i).Interface().(Provider).ActionType()
				c.structMembers(reflect.ValueOf(t), member(path, tag))
			}
			continue
		}
		names = append(names, tag)
		c.valueMembers(v.Field(i), member(path, tag))
	}
	other := v.FieldByName("Other").Interface().(Members)
	for _, name := range slices.Sorted(maps.Keys(other)) {
		at := member(path, name)
		switch near := nearest(name, slices.Values(names)); {
		case slices.Contains(names, name):
			if !empty(other[name]) {
				continue
			}
			c.warnf(at, "the member %s has no value: set it or leave it out", name)
		case name == "blockers":
			c.warnf(at, "blockers are reserved by CodePipeline: remove them")
		case near != "":
			c.warnf(at, "the member %s is not known: did you mean %s?", quote(name), near)
		default:
			c.warnf(at, "the member %s is not known: remove it, unless CodePipeline has it by now", quote(name))
		}
	}
}

// empty reports whether a member holds null, an empty text or nothing.
func empty(raw json.RawMessage) bool {
	text := string(raw)
	return text == "null" || text == `""` || text == "{}"
}

func (c *checker) valueMembers(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.valueMembers(v.Elem(), path)
		}
	case reflect.Struct:
		c.structMembers(v, path)
	case reflect.Slice:
		for i := range v.Len() {
			c.valueMembers(v.Index(i), element(path, i))
		}
	case reflect.Map:
		for _, name := range v.MapKeys() {
			c.valueMembers(v.MapIndex(name), member(path, name.String()))
		}
	}
}
