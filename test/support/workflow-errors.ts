import { registerHooks } from 'node:module'

// the parser's own imports of JSON lack the attribute that Node asks for
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } =
  await import('@actions/workflow-parser')

/** What GitHub's own parser finds wrong with a workflow. */
export const workflowErrors = async (content: string): Promise<readonly string[]> => {
  const { context, value } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter())
  if (value) await convertWorkflowTemplate(context, value)
  return context.errors.getErrors().map(({ message }) => message)
}
