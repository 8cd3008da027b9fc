package definition_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// random makes structures in which each member is there or not.
type random struct {
	*rand.Rand
	unknown bool // with members that the package does not know
}

var words = []string{"a", "Build", "ünï", "#{Fetch.CommitId}", "Source::x.json", `{"a":"b"}`, "quote\"d", "line\nbreak", "0", "****", "<&>"}

func (r random) word() string { return words[r.IntN(len(words))] }

// pipeline returns a structure with members in random places.
func (r random) pipeline() *definition.Pipeline {
	p := new(definition.Pipeline)
	r.fill(reflect.ValueOf(p).Elem(), 0)
	return p
}

func (r random) fill(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[definition.Members]():
		if r.unknown && r.IntN(3) == 0 {
			raw := []string{`1.50`, `"x"`, `null`, `{"a":[1,{"b":true}],"c":"é"}`, `[]`}[r.IntN(5)]
			v.Set(reflect.ValueOf(definition.Members{"new" + fmt.Sprint(r.IntN(3)): json.RawMessage(raw)}))
		}
	case v.Type() == reflect.TypeFor[definition.Provider]():
		if r.IntN(8) > 0 {
			v.Set(reflect.ValueOf(r.provider()))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if r.IntN(4) > 0 {
				r.fill(v.Field(i), depth+1)
			}
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.fill(v.Elem(), depth)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			r.fill(v.Index(i), depth+1)
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			r.fill(e, depth+1)
			v.SetMapIndex(reflect.ValueOf(r.word()), e)
		}
	case v.Kind() == reflect.String:
		v.SetString(r.word())
	default:
		v.SetInt(int64(r.IntN(1000) + 1))
	}
}

// provider returns a random type of an action or rule, of this package or not.
func (r random) provider() definition.Provider {
	all := catalogue()
	t := all[r.IntN(len(all))]
	configuration := make(map[string]string)
	for _, p := range t.Properties {
		if r.IntN(2) == 0 {
			configuration[p.Name] = r.word()
		}
	}
	if r.IntN(4) == 0 {
		configuration["New"] = r.word()
	}
	if r.IntN(8) == 0 {
		configuration = nil
	}
	id := definition.ActionType{Category: t.Category, Owner: t.Owner, Provider: t.Provider, Version: t.Version}
	switch r.IntN(6) {
	case 0:
		id.Owner, id.Provider = actiontype.OwnerCustom, strings.ToLower(t.Provider)
	case 1:
		id.Version = ""
	case 2:
		if r.unknown {
			id.Other = definition.Members{"edition": json.RawMessage(`2`)}
		}
	}
	// through JSON, so that it has the type that reading gives it
	p := definition.Pipeline{Stages: []definition.Stage{{Actions: []definition.Action{{Provider: definition.Custom{Type: id, Configuration: configuration}}}}}}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	var read definition.Pipeline
	if err := json.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	return read.Stages[0].Actions[0].Provider
}
