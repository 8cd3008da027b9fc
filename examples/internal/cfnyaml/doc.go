// Package cfnyaml turns templates of CloudFormation in YAML into JSON, for
// packages of the library, which read JSON.
package cfnyaml
