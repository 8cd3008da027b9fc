package definition

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// FromDeclaration returns the structure of the AWS SDK's declaration, such as that
// of GetPipeline.
func FromDeclaration(d *types.PipelineDeclaration) (*Pipeline, error) {
	if d == nil {
		return nil, &Error{Err: errors.New("the declaration is nil")}
	}
	tree, _ := fromSDK(reflect.ValueOf(d))
	p := new(Pipeline)
	if err := p.decode(tree, ""); err != nil {
		return nil, err
	}
	return p, nil
}

// Declaration returns the structure as the AWS SDK declares it, for CreatePipeline
// and UpdatePipeline. A member that the SDK does not know is an [*Error] with its
// path: update the SDK, or give the JSON to the AWS CLI.
func (p *Pipeline) Declaration() (*types.PipelineDeclaration, error) {
	tree, err := p.tree("")
	if err != nil {
		return nil, err
	}
	d := new(types.PipelineDeclaration)
	if err := toSDK(reflect.ValueOf(d).Elem(), tree, ""); err != nil {
		return nil, err
	}
	return d, nil
}

// apiName returns the name in the API of a field of the SDK, such as roleArn.
func apiName(field string) string { return strings.ToLower(field[:1]) + field[1:] }

// fromSDK returns the tree of a value of the SDK, and whether it is present.
func fromSDK(v reflect.Value) (tree any, present bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		tree, _ = fromSDK(v.Elem())
		return tree, true
	case reflect.Struct:
		object := make(map[string]any)
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				if tree, present := fromSDK(v.Field(i)); present {
					object[apiName(field.Name)] = tree
				}
			}
		}
		return object, true
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i], _ = fromSDK(v.Index(i))
		}
		return list, !v.IsNil()
	case reflect.Map:
		object := make(map[string]any, v.Len())
		for _, name := range v.MapKeys() {
			object[name.String()], _ = fromSDK(v.MapIndex(name))
		}
		return object, !v.IsNil()
	case reflect.String:
		return strings.ToValidUTF8(v.String(), "\uFFFD"), v.Len() > 0
	case reflect.Bool:
		return v.Bool(), v.Bool()
	}
	return json.Number(strconv.FormatInt(v.Int(), 10)), v.Int() != 0
}

// toSDK puts a tree into a value of the SDK.
func toSDK(v reflect.Value, tree any, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if tree == nil {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return toSDK(v.Elem(), tree, path)
	case reflect.Struct:
		object, ok := tree.(map[string]any)
		if !ok {
			return errorAt(path, "want an object, found %s", kind(tree))
		}
		fields := make(map[string]int)
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fields[apiName(field.Name)] = i
			}
		}
		for _, name := range memberNames(object, nil) {
			i, known := fields[name]
			switch {
			case object[name] == nil:
			case !known:
				return errorAt(member(path, name), "the AWS SDK of this program does not know the member: update the SDK, or give the structure's JSON to the AWS CLI")
			default:
				if err := toSDK(v.Field(i), object[name], member(path, name)); err != nil {
					return err
				}
			}
		}
	case reflect.Slice:
		list, ok := tree.([]any)
		if !ok {
			return errorAt(path, "want a list, found %s", kind(tree))
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, e := range list {
			if err := toSDK(v.Index(i), e, element(path, i)); err != nil {
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
			if err := toSDK(e, value, member(path, name)); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(name), e)
		}
	case reflect.String:
		text, ok := tree.(string)
		if !ok {
			return errorAt(path, "want a text, found %s", kind(tree))
		}
		v.SetString(text)
	case reflect.Bool:
		value, ok := tree.(bool)
		if !ok {
			return errorAt(path, "want a boolean, found %s", kind(tree))
		}
		v.SetBool(value)
	default:
		number, ok := decoder{}.number(tree)
		if !ok {
			return errorAt(path, "want a whole number, found %s", kind(tree))
		}
		v.SetInt(number)
	}
	return nil
}
