package definition

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// Provider is the type of an action or of a rule with its configuration.
//
// The types of this package have a field for each key of the catalogue of package
// actiontype. A custom action type can have a Go type of its own: a struct with
// string fields whose tags name the keys.
//
//	type Lint struct {
//		Level string `key:"Level"`
//	}
//
//	func (Lint) ActionType() definition.ActionType {
//		return definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"}
//	}
//
// Fields are strings, since any value may be a variable such as
// #{variables.Project}. An empty field is an absent key.
type Provider interface {
	ActionType() ActionType
}

// ActionType identifies the type of an action or, with the category Rule, of a
// rule.
type ActionType struct {
	Category string  `json:"category"` // Source, Build, Test, Deploy, Invoke, Approval, Compute or Rule
	Owner    string  `json:"owner"`    // AWS, ThirdParty or Custom
	Provider string  `json:"provider"`
	Version  string  `json:"version"`
	Other    Members `json:"-"`
}

// String returns owner, category, provider and version, such as
// "AWS/Build/CodeBuild/1".
func (t ActionType) String() string {
	return strings.Join([]string{t.Owner, t.Category, t.Provider, t.Version}, "/")
}

// Custom is any type of an action or a rule, with any configuration: one that this
// package does not have, such as a custom action type.
type Custom struct {
	Type          ActionType
	Configuration map[string]string
}

// ActionType returns c.Type.
func (c Custom) ActionType() ActionType { return c.Type }

// Configuration returns the configuration of a provider by its keys, nil if it has
// none. The caller may change the result. An error names the field that has a key
// and is no string.
func Configuration(p Provider) (map[string]string, error) {
	if c, ok := p.(Custom); ok {
		return maps.Clone(c.Configuration), nil
	}
	v := reflect.ValueOf(p)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil, nil
	}
	if c, ok := v.Interface().(Custom); ok {
		return maps.Clone(c.Configuration), nil
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T is no struct", p)
	}
	var configuration map[string]string
	if other, ok := otherKeys(v); ok && !other.IsNil() {
		configuration = maps.Clone(other.Interface().(map[string]string))
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		key := field.Tag.Get("key")
		if key == "" {
			continue
		}
		if field.Type.Kind() != reflect.String {
			return nil, fmt.Errorf("the field %s of %T has the key %s and must be a string", field.Name, p, key)
		}
		value, err := v.FieldByIndexErr(field.Index)
		if err != nil || value.String() == "" {
			continue
		}
		if configuration == nil {
			configuration = make(map[string]string)
		}
		configuration[key] = value.String()
	}
	return configuration, nil
}

// otherKeys returns the field of a struct that holds the keys without a field.
func otherKeys(v reflect.Value) (reflect.Value, bool) {
	other := v.FieldByName("Other")
	return other, other.IsValid() && other.Type() == reflect.TypeFor[map[string]string]()
}

// providerOf returns the provider for a type and a configuration: a type of this
// package if there is one, else Custom.
func providerOf(t ActionType, configuration map[string]string) Provider {
	p := typedProvider(t.String())
	if p == nil || len(t.Other) > 0 {
		return Custom{t, configuration}
	}
	v := reflect.New(reflect.TypeOf(p)).Elem()
	rest := maps.Clone(configuration)
	fields := 0
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("key")
		if value := rest[key]; key != "" && value != "" {
			v.Field(i).SetString(value)
			delete(rest, key)
			fields++
		}
	}
	if other, ok := otherKeys(v); ok && (len(rest) > 0 || rest != nil && fields == 0) {
		other.Set(reflect.ValueOf(rest))
	}
	return v.Interface().(Provider)
}
