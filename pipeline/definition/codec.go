package definition

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// decoder puts trees into the types of this package.
type decoder struct {
	lenient bool // take texts, numbers and booleans for each other, as CloudFormation does
}

var providerType = reflect.TypeFor[Provider]()

// configurationName is the member beside an action's or a rule's type that has the
// configuration.
const configurationName = "configuration"

// decode puts a tree into v.
func (d decoder) decode(v reflect.Value, tree any, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(v.Elem(), tree, path)
	case reflect.Struct:
		object, ok := tree.(map[string]any)
		if !ok {
			return errorAt(path, "want an object, found %s", kind(tree))
		}
		return d.decodeStruct(v, object, path)
	case reflect.Slice:
		list, ok := d.list(tree, v.Type().Elem())
		if !ok {
			return errorAt(path, "want a list, found %s", kind(tree))
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, e := range list {
			if err := d.decode(v.Index(i), e, element(path, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		object, ok := tree.(map[string]any)
		if !ok {
			return errorAt(path, "want an object, found %s", kind(tree))
		}
		v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
		for name, value := range object {
			e := reflect.New(v.Type().Elem()).Elem()
			if err := d.decode(e, value, member(path, name)); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(name), e)
		}
	case reflect.String:
		text, ok := d.text(tree)
		if !ok {
			return errorAt(path, "want a text, found %s", kind(tree))
		}
		v.SetString(text)
	default:
		number, ok := d.number(tree)
		if !ok {
			return errorAt(path, "want a whole number, found %s", kind(tree))
		}
		v.SetInt(number)
	}
	return nil
}

// list returns the elements of a list. In a template a text may stand for a list of
// texts: the value of a CommaDelimitedList, or a function that is not known.
func (d decoder) list(tree any, element reflect.Type) ([]any, bool) {
	text, isText := tree.(string)
	if !isText || !d.lenient || element.Kind() != reflect.String {
		list, ok := tree.([]any)
		return list, ok
	}
	var list []any
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list, true
}

func (d decoder) text(tree any) (string, bool) {
	switch t := tree.(type) {
	case string:
		return t, true
	case json.Number:
		return string(t), d.lenient
	case bool:
		return strconv.FormatBool(t), d.lenient
	}
	return "", false
}

func (d decoder) number(tree any) (int64, bool) {
	var text string
	switch t := tree.(type) {
	case json.Number:
		text = string(t)
	case string:
		if text = t; !d.lenient {
			return 0, false
		}
		if strings.Contains(text, placeholderMark) {
			return 0, true
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= math.MinInt32 && n <= math.MaxInt32
}

// decodeStruct puts the members of an object into the fields of v. Members
// without a field, and those that leave a field as if they were absent, go to
// Other.
func (d decoder) decodeStruct(v reflect.Value, object map[string]any, path string) error {
	rest := maps.Clone(object)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("json")
		field := v.Field(i)
		switch {
		case tag == "-" || tag == "":
			continue
		case field.Type() == providerType:
			if err := d.decodeProvider(field, tag, rest, path); err != nil {
				return err
			}
			continue
		}
		tree, ok := rest[tag]
		if !ok || tree == nil { // null is kept as such
			continue
		}
		if err := d.decode(field, tree, member(path, tag)); err != nil {
			return err
		}
		if !field.IsZero() || d.lenient && unknownNumber(field, tree) {
			delete(rest, tag)
		}
	}
	if len(rest) > 0 {
		other := make(Members, len(rest))
		for name, tree := range rest {
			other[name] = rawJSON(tree)
		}
		v.FieldByName("Other").Set(reflect.ValueOf(other))
	}
	return nil
}

// placeholderMark is in texts of a template that are not known.
const placeholderMark = "${"

// unknownNumber reports whether a template does not tell the number of a field: a
// structure cannot hold its placeholder.
func unknownNumber(field reflect.Value, tree any) bool {
	text, ok := tree.(string)
	return ok && field.CanInt() && strings.Contains(text, placeholderMark)
}

// decodeProvider puts the type and the configuration of an action or a rule into
// the field. The type is the member idName.
func (d decoder) decodeProvider(field reflect.Value, idName string, rest map[string]any, path string) error {
	var id ActionType
	if tree := rest[idName]; tree != nil {
		if err := d.decode(reflect.ValueOf(&id).Elem(), tree, member(path, idName)); err != nil {
			return err
		}
		if !reflect.ValueOf(id).IsZero() {
			delete(rest, idName)
		}
	}
	var configuration map[string]string
	if tree := rest[configurationName]; tree != nil {
		if err := d.decode(reflect.ValueOf(&configuration).Elem(), tree, member(path, configurationName)); err != nil {
			return err
		}
		delete(rest, configurationName)
	}
	if !reflect.ValueOf(id).IsZero() || configuration != nil {
		field.Set(reflect.ValueOf(providerOf(id, configuration)))
	}
	return nil
}

// encode returns the tree of v.
func encode(v reflect.Value, path string) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem(), path)
	case reflect.Struct:
		return encodeStruct(v, path)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = encode(v.Index(i), element(path, i)); err != nil {
				return nil, err
			}
		}
		return list, nil
	case reflect.Map:
		object := make(map[string]any, v.Len())
		for _, name := range v.MapKeys() {
			tree, err := encode(v.MapIndex(name), member(path, name.String()))
			if err != nil {
				return nil, err
			}
			object[name.String()] = tree
		}
		return object, nil
	case reflect.String:
		return strings.ToValidUTF8(v.String(), "\uFFFD"), nil
	}
	return json.Number(strconv.FormatInt(v.Int(), 10)), nil
}

func encodeStruct(v reflect.Value, path string) (any, error) {
	object := make(map[string]any)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("json")
		field := v.Field(i)
		if tag == "-" || tag == "" || field.IsZero() {
			continue
		}
		if field.Type() == providerType {
			if err := encodeProvider(object, field.Interface().(Provider), tag, path); err != nil {
				return nil, err
			}
			continue
		}
		tree, err := encode(field, member(path, tag))
		if err != nil {
			return nil, err
		}
		object[tag] = tree
	}
	for name, raw := range v.FieldByName("Other").Interface().(Members) {
		if _, there := object[name]; there {
			continue // the field has been set since
		}
		tree, err := readTree(raw)
		if err != nil {
			return nil, errorAt(member(path, name), "Other holds no JSON: %w", err)
		}
		object[name] = tree
	}
	return object, nil
}

func encodeProvider(object map[string]any, p Provider, idName, path string) error {
	if v := reflect.ValueOf(p); v.Kind() == reflect.Pointer && v.IsNil() {
		return errorAt(path, "the Provider is a nil %T", p)
	}
	if id := p.ActionType(); !reflect.ValueOf(id).IsZero() {
		tree, err := encodeStruct(reflect.ValueOf(id), member(path, idName))
		if err != nil {
			return err
		}
		object[idName] = tree
	}
	configuration, err := Configuration(p)
	if err != nil {
		return errorAt(path, "%w", err)
	}
	if configuration != nil {
		tree, err := encode(reflect.ValueOf(configuration), member(path, configurationName))
		if err != nil {
			return err
		}
		object[configurationName] = tree
	}
	return nil
}
