package definition

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// keys checks the configuration of one action or rule.
type keys struct {
	*checker
	path        string
	definition  actiontype.Type
	values      map[string]string
	inputs      []Artifact
	outputs     []Artifact
	outputsPath string
}

// has reports whether a key has a value.
func (k *keys) has(key string) bool { return k.values[key] != "" }

// open reports whether a value is not known before the pipeline runs.
func (k *keys) open(value string) bool { return strings.Contains(value, "#{") || k.unknown(value) }

// property returns the definition of a key.
func (k *keys) property(key string) (actiontype.Property, bool) {
	i := slices.IndexFunc(k.definition.Properties, func(p actiontype.Property) bool { return p.Name == key })
	if i < 0 {
		return actiontype.Property{}, false
	}
	return k.definition.Properties[i], true
}

// check compares the keys and values with the definition of the type. A value has
// at most longest characters.
func (k *keys) check(longest int) {
	for _, key := range slices.Sorted(maps.Keys(k.values)) {
		path := member(k.path, key)
		value := k.values[key]
		switch n := utf8.RuneCountInString(value); {
		case n == 0:
			k.errorf(path, "the key has no value: set it or leave it out")
			continue
		case n > longest:
			k.errorf(path, "the value has %d characters: shorten it to %d", n, longest)
		}
		p, ok := k.property(key)
		if !ok {
			k.unknownKey(path, key)
			continue
		}
		if !p.Secret && value != "****" {
			k.value(path, p, value)
		}
	}
	for _, p := range k.definition.Properties {
		if _, there := k.values[p.Name]; p.Required && !there {
			k.missing(p.Name, "the provider "+k.definition.Provider)
		}
	}
}

// missing is an error for a key that is needed.
func (k *keys) missing(key, by string) {
	about := ""
	if p, ok := k.property(key); ok && p.Description != "" {
		about = " to " + p.Description
		if strings.HasPrefix(p.Description, "true ") || len(p.Values) > 0 {
			about = ": " + p.Description
		}
		if len(p.Values) > 0 {
			about += ", " + either(p.Values)
		}
	}
	k.errorf(member(k.path, key), "%s needs the key %s: set it%s", by, key, about)
}

func (k *keys) unknownKey(path, key string) {
	var names []string
	for _, p := range k.definition.Properties {
		names = append(names, p.Name)
	}
	hint := ""
	if near := nearest(key, slices.Values(names)); near != "" {
		hint = "did you mean " + near + "? "
	} else if len(names) > 0 && len(names) < 12 {
		hint = "use " + either(names) + ". "
	}
	if k.definition.Owner == actiontype.OwnerCustom {
		k.errorf(path, "the custom type %s has no property %s: %sA new property needs a new version of the type", k.definition, quote(key), hint)
		return
	}
	k.errorf(path, "the catalogue of %s has no key %s for %s: %sIf AWS has added it since, %s",
		actiontype.CatalogueDate, quote(key), k.definition, hint, extend)
}

// value checks a value by the set and the form of its property.
func (k *keys) value(path string, p actiontype.Property, value string) {
	if p.Form == actiontype.FormArray || p.Form == actiontype.FormObject {
		k.json(path, p, value)
		return
	}
	if k.open(value) {
		return
	}
	number := p.Form == actiontype.FormNumber || p.Type == actiontype.PropertyTypeNumber
	switch {
	case number:
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			k.errorf(path, "%s is no number: write digits", quote(value))
		}
	case p.Type == actiontype.PropertyTypeBoolean:
		k.oneOf(path, "boolean", value, "true", "false")
	case p.Form == actiontype.FormList:
		for _, element := range strings.Split(value, ",") {
			element = strings.TrimSpace(element)
			switch {
			case element == "":
				k.errorf(path, "an element of the list is empty: remove a comma")
			case len(p.Values) > 0:
				k.oneOf(path, "value of "+p.Name, element, p.Values...)
			}
		}
	case p.Form == actiontype.FormArtifact:
		k.artifact(path, value)
	case p.Form == actiontype.FormFile && !strings.Contains(value, "::"):
		k.errorf(path, "%s names no file of an artifact: write Artifact::path", quote(value))
	case p.Form == actiontype.FormFile || p.Form == actiontype.FormTextOrFile && strings.Contains(value, "::"):
		artifact, file, _ := strings.Cut(value, "::")
		k.artifact(path, artifact)
		if file == "" {
			k.errorf(path, "%s names no file: write %s::path", quote(value), artifact)
		}
	case len(p.Values) > 0:
		k.oneOf(path, "value of "+p.Name, value, p.Values...)
	}
}

// artifact checks the name of an input artifact in a value.
func (k *keys) artifact(path, name string) {
	if k.unknown(name) || slices.ContainsFunc(k.inputs, func(a Artifact) bool { return a.Name == name }) {
		return
	}
	var names []string
	for _, a := range k.inputs {
		names = append(names, quote(a.Name))
	}
	k.errorf(path, "%s is no input artifact of the action, which has %s: add it to inputArtifacts, or name another", quote(name), either(names))
}

// json checks a value that holds JSON, and returns it.
func (k *keys) json(path string, p actiontype.Property, value string) (tree any, ok bool) {
	tree, err := readTree([]byte(value))
	if err != nil {
		if !k.open(value) {
			k.errorf(path, "the value is no JSON: %v", err)
		}
		return nil, false
	}
	_, isList := tree.([]any)
	_, isObject := tree.(map[string]any)
	if p.Form == actiontype.FormArray && !isList || p.Form == actiontype.FormObject && !isObject {
		k.errorf(path, "the value is %s: give it a %s", kind(tree), p.Form)
		return nil, false
	}
	return tree, true
}

// objects checks a value that holds a JSON array of objects with these members, of
// which each is a text.
func (k *keys) objects(key string, required []string, values map[string][]string) []map[string]any {
	tree, err := readTree([]byte(k.values[key]))
	list, isList := tree.([]any)
	if err != nil || !isList { // told already
		return nil
	}
	path := member(k.path, key)
	var objects []map[string]any
	for i, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			k.errorf(path, "element %d is %s: want an object with %s", i, kind(element), strings.Join(required, ", "))
			continue
		}
		objects = append(objects, object)
		for _, name := range required {
			if text, ok := object[name].(string); !ok || text == "" {
				k.errorf(path, "element %d has no text %s: give each element %s", i, name, strings.Join(required, ", "))
			}
		}
		for name, set := range values {
			if text, ok := object[name].(string); ok && !k.open(text) && !slices.Contains(set, text) {
				k.errorf(path, "element %d has the %s %s: use %s", i, name, quote(text), either(set))
			} else if number, isNumber := object[name].(json.Number); isNumber {
				k.errorf(path, "element %d has the %s %s: use %s", i, name, number, either(set))
			}
		}
	}
	return objects
}
