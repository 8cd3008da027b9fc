// Package diagram draws pipelines: a structure, or an execution with its states, as
// an SVG file or as a flowchart for Mermaid.
//
//	execution, err := client.Execution(ctx, "shop", id)
//	if err != nil {
//		return err
//	}
//	svg, err := diagram.SVG(structure, func(o *diagram.Options) { o.Execution = execution })
//
// A picture shows the stages with their actions in the order in which they run, those
// in parallel together: name, provider, the thing that the action works on, artifacts,
// variables and Region. It shows triggers, conditions with their rules, what happens
// after a failure, and disabled transitions. An execution adds states, times, retries
// and the revisions of its sources. Each state has a shape and a word besides its
// colour.
//
// [SVG] makes a file without scripts, links, fonts and images of others, in light and
// dark colours. A name that is too long is cut; its tooltip has the whole name.
// [Mermaid] makes text for the code blocks of GitHub and GitLab.
//
// The package calls nothing and needs no permissions. The same input gives the same
// bytes.
//
// # Secrets
//
// The values of variables, commands and user parameters are not drawn. Of the
// configuration of an action, only the values of certain keys of built-in types are,
// such as RepositoryName.
//
// # Limits
//
// A picture has at most 50 stages and 1,000 actions, as a pipeline has. The widths of
// texts are estimated for the fonts of common systems; an SVG tells the browser the
// length of a text that nearly fills its place. Mermaid takes 50,000 characters and 500
// edges: a large pipeline is drawn with fewer details, or without its actions.
package diagram
