package asltest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"strings"
	"sync"

	jsonata "github.com/blues/jsonata-go"
)

// evaluating is held while an expression is evaluated: the functions of the library
// are shared by all expressions, and note by which name they were called.
var evaluating sync.Mutex

// Evaluation is one evaluation of an expression, for comparison with another
// interpreter of JSONata.
type Evaluation struct {
	Expression string
	Variables  map[string]any
	Result     any
	Err        error
}

// expressionOf returns the expression of a field in a template.
func expressionOf(s string) (string, bool) {
	s, ok := strings.CutPrefix(s, "{%")
	if !ok {
		return "", false
	}
	s, ok = strings.CutSuffix(s, "%}")
	return strings.TrimSpace(s), ok
}

// unknownFunctions depend on time or chance, or Step Functions has them not.
var unknownFunctions = regexp.MustCompile(`\$(now|millis|random|uuid|eval|shuffle|partition|range)\(`)

func checkExpressions(value any, place string, wrong func(string, ...any)) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			checkExpressions(member, place+"."+name, wrong)
		}
	case []any:
		for _, element := range value {
			checkExpressions(element, place, wrong)
		}
	case string:
		source, ok := expressionOf(value)
		if !ok {
			if strings.Contains(value, "{%") || strings.Contains(value, "%}") {
				wrong("%s: %q has only one end of an expression", place, value)
			}
			return
		}
		if name := unknownFunctions.FindString(source); name != "" {
			wrong("%s: the function %s) is not known", place, name)
		}
		if _, err := compile(source); err != nil {
			wrong("%s: %w", place, err)
		}
	}
}

func compile(source string) (expr *jsonata.Expr, err error) {
	defer func() { // the parser panics on some texts
		if r := recover(); r != nil {
			err = fmt.Errorf("expression %q: %v", source, r)
		}
	}()
	expr, err = jsonata.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", source, err)
	}
	return expr, expr.RegisterExts(map[string]jsonata.Extension{
		"hash":  {Func: hashText},
		"parse": {Func: parseText},
	})
}

var hashes = map[string]func() hash.Hash{"MD5": md5.New, "SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New}

func hashText(text, algorithm string) (string, error) {
	h, ok := hashes[algorithm]
	if !ok {
		return "", fmt.Errorf("$hash: there is no algorithm %q", algorithm)
	}
	sum := h()
	sum.Write([]byte(text))
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func parseText(text string) (any, error) {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, fmt.Errorf("$parse: %w", err)
	}
	return value, nil
}

// evaluator evaluates the expressions of one execution.
type evaluator struct {
	compiled map[string]*jsonata.Expr
	observe  func(Evaluation)
}

// template returns the value of a field. Step Functions does not accept a result
// that is undefined.
func (e *evaluator) template(value any, variables map[string]any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		result := make(map[string]any, len(value))
		for name, member := range value {
			v, err := e.template(member, variables)
			if err != nil {
				return nil, err
			}
			result[name] = v
		}
		return result, nil
	case []any:
		result := make([]any, len(value))
		for i, element := range value {
			v, err := e.template(element, variables)
			if err != nil {
				return nil, err
			}
			result[i] = v
		}
		return result, nil
	case string:
		if source, ok := expressionOf(value); ok {
			result, err := e.evaluate(source, variables)
			if e.observe != nil {
				e.observe(Evaluation{source, variables, result, err})
			}
			return result, err
		}
	}
	return value, nil
}

func (e *evaluator) evaluate(source string, variables map[string]any) (any, error) {
	expr := e.compiled[source]
	if expr == nil {
		var err error
		if expr, err = compile(source); err != nil {
			return nil, &Error{errorQuery, err.Error()}
		}
		e.compiled[source] = expr
	}
	if err := expr.RegisterVars(variables); err != nil {
		return nil, &Error{errorQuery, err.Error()}
	}
	evaluating.Lock()
	value, err := expr.Eval(nil)
	evaluating.Unlock()
	if errors.Is(err, jsonata.ErrUndefined) {
		return nil, &Error{errorQuery, fmt.Sprintf("the JSONata expression '%s' returned nothing (undefined)", source)}
	}
	if err != nil {
		return nil, &Error{errorQuery, fmt.Sprintf("the JSONata expression '%s': %v", source, err)}
	}
	switch value.(type) {
	case bool, string, float64:
		return value, nil
	}
	data, err := json.Marshal(value) // the interpreter has types of its own
	if err != nil {
		return nil, &Error{errorQuery, fmt.Sprintf("the JSONata expression '%s': %v", source, err)}
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, &Error{errorQuery, err.Error()}
	}
	return plain, nil
}
