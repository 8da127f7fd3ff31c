# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_wharf_global_optspecs
    string join \n progress= strict no-color h/help V/version
end

function __fish_wharf_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_wharf_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_wharf_using_subcommand
    set -l cmd (__fish_wharf_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c wharf -n "__fish_wharf_needs_command" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_needs_command" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_needs_command" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_needs_command" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_needs_command" -s V -l version -d 'Print version'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "init" -d 'Take a folder with a Dockerfile to a running service'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "deploy" -d 'Deploy services of the workspace'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "diff" -d 'Show what a deployment would do, without doing anything'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "verify" -d 'Check what a deployment rests on, without changing anything'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "status" -d 'Show how a service runs: deployments, tasks, health, what stopped and why'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "logs" -d 'Print the log lines of a service'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "cost" -d 'Show what is deployed costs a month'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "doctor" -d 'Show what there is of an application in AWS, and what taking it over from Copilot would do'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "eject" -d 'Write the deployed stacks as plain CloudFormation, to go on without wharf'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "rollback" -d 'Deploy an earlier release of a service again: its template, its settings and its images'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "watch" -d 'Follow the deployments that go on in an environment, whoever began them'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "app" -d 'Create, list, show, upgrade and delete applications'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "env" -d 'Create, deploy, list, show and delete environments'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "svc" -d 'Create, deploy, list, show, observe and delete services'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "job" -d 'Create, deploy, run, list, show, observe and delete jobs'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "lint" -d 'Check all files of the workspace without calling AWS'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "manifest" -d 'Look up what manifests may hold'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "pipeline" -d 'Create, deploy, list, show and delete pipelines, which build and deploy when the source changes'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "completion" -d 'Print a completion script for a shell'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "version" -d 'Print the version'
complete -c wharf -n "__fish_wharf_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand init" -s a -l app -d 'Name of the application' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -s e -l env -d 'Environment to deploy to; giving it answers the question whether to deploy with yes' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -s n -l name -d 'Name of the service or job' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -s t -l type -d 'Type: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service", "Static Site" or "Scheduled Job"' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -s d -l dockerfile -d 'Path of the service\'s Dockerfile' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand init" -s i -l image -d 'Address of an existing image, instead of a Dockerfile' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l port -d 'Port the container listens on' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l ingress-type -d 'Who may reach a Request-Driven Web Service: Internet or Environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l sources -d 'File or directory of a Static Site; may be repeated [default: the whole project]' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand init" -s s -l schedule -d 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l timeout -d 'How long the job may run, all its tries together, such as 1h30m' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l retries -d 'How often the job is tried again after it failed [default: 0]' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l deploy -d 'Deploy without asking; with =false don\'t deploy [default: ask]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand init" -l tag -d 'Tag for the image; the task definition then names the image by it, not by its digest' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l region -d 'Region of a new environment [default: the session\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l profile -d 'Named AWS profile for the environment\'s account' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l resource-tags -d 'Tags for all resources of a new application, as KEY=VALUE,KEY=VALUE' -r
complete -c wharf -n "__fish_wharf_using_subcommand init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -s n -l name -d 'Services to deploy, as NAME or NAME/ORDER; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l since -d 'Deploy those only of which a file differs from this commit, tag or branch [default without --name: of all]' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l tag -d 'Tag for the images; the task definitions then name the images by it, not by their digests' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l resource-tags -d 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l try-env -d 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l fail-fast -d 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l allow-replace -d 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l resources-to-skip -d 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l deploy-env -d 'Deploy the environment first [default: only when it is new]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l init-env -d 'Register the environment if it is new; with =false fail instead [default: ask]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l init-wkld -d 'Register services that are new; with =false fail instead [default: ask]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l profile -d 'Named AWS profile for the account of a new environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l region -d 'Region of a new environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l all -d 'Deploy all services and jobs of the workspace of which something changed since they were deployed'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l force -d 'Deploy, and replace the tasks, even when nothing changed'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l try -d 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l no-rollback -d 'Leave a stack whose deployment fails as it is, instead of rolling it back'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l detach -d 'Return as soon as CloudFormation has started, without waiting for the result'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l takeover -d 'Take over stacks that Copilot deployed without asking'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l skip-preflight -d 'Leave out the checks that come before anything is built or changed'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l express -d 'Don\'t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l diff -d 'Show what each group of services would change before it is deployed, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l diff-yes -d 'With --diff: go on without asking'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand diff" -s n -l name -d 'Services and jobs to plan; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand diff" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l to -d 'Plan a rollback to this release, as `wharf svc releases` lists it; nothing of the workspace is read' -r
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l tag -d 'Tag for the images; the task definitions then name the images by it, not by their digests' -r
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l all -d 'Plan all services and jobs of the workspace'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l environment -d 'Plan the environment itself, not what runs in it'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l text -d 'Show the difference of the templates\' texts after the plan'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand verify" -s n -l name -d 'Services and jobs to check; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand verify" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l try-env -d 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l all -d 'Check all services and jobs of the workspace'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l try -d 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand status" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand status" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand status" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand status" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand status" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand status" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand status" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand status" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l since -d 'Print lines newer than this, such as 30s, 15m or 1h30m' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l start-time -d 'Print lines from this instant on (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l end-time -d 'Print lines up to this instant (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l limit -d 'Print at most this many lines, 1 to 10000' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l tasks -d 'Print only lines of tasks whose ids start with one of these' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l log-group -d 'Read another log group' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l container -d 'Print only lines of this container' -r
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l json -d 'Print one JSON object per line'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l follow -d 'Keep printing new lines as they come'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -s p -l previous -d 'Print only lines of the task that stopped last'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand cost" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand cost" -s e -l env -d 'Name of the environment [default: all]' -r
complete -c wharf -n "__fish_wharf_using_subcommand cost" -s n -l name -d 'A service or a job, without its environment [default: all, with their environments]' -r
complete -c wharf -n "__fish_wharf_using_subcommand cost" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand cost" -l refresh -d 'Read current prices of the regions from the AWS Price List first, and keep them for later'
complete -c wharf -n "__fish_wharf_using_subcommand cost" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand cost" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand cost" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand cost" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -l drift -d 'Let CloudFormation look for resources that were changed by hand (starts a search in AWS)'
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand eject" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand eject" -l output-dir -d 'Folder to write into' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand eject" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand eject" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand eject" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand eject" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l to -d 'The release, as `wharf svc releases` lists it; without it the one before the current one' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l fail-fast -d 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l allow-replace -d 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l resources-to-skip -d 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first' -r
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l yes -d 'Don\'t ask'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l no-rollback -d 'Leave a stack whose deployment fails as it is, instead of rolling it back'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l detach -d 'Return as soon as CloudFormation has started, without waiting for the result'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l takeover -d 'Take over stacks that Copilot deployed without asking'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l skip-preflight -d 'Leave out the checks that come before anything is built or changed'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l express -d 'Don\'t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l diff -d 'Show the plan, what would be changed and what it costs, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l diff-yes -d 'With --diff: go on without asking'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand watch" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand watch" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand watch" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand watch" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand watch" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand watch" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "init" -d 'Create an application, or bind this workspace to an existing one'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "ls" -d 'List the applications of this account and region'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "show" -d 'Show an application: its environments, services and which runs where'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "upgrade" -d 'Bring an application\'s roles and regional resources to this version\'s templates'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "delete" -d 'Delete an application and everything it owns'
complete -c wharf -n "__fish_wharf_using_subcommand app; and not __fish_seen_subcommand_from init ls show upgrade delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l domain -d 'Domain of the application, whose public hosted zone is in the account' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l permissions-boundary -d 'Name or ARN of the IAM policy that bounds every role' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l resource-tags -d 'Tags for all resources of the application, as KEY=VALUE,KEY=VALUE' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from ls" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from ls" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from ls" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -s n -l name -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from upgrade" -s n -l name -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from upgrade" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from upgrade" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from upgrade" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -s n -l name -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without asking'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -l delete-data -d 'Also delete databases, tables, buckets, file systems and other data of addons and environments'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "init" -d 'Create an application, or bind this workspace to an existing one'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the applications of this account and region'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show an application: its environments, services and which runs where'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "upgrade" -d 'Bring an application\'s roles and regional resources to this version\'s templates'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete an application and everything it owns'
complete -c wharf -n "__fish_wharf_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "init" -d 'Register an environment: write its manifest, create its roles and its record'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "ls" -d 'List the environments of an application'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "show" -d 'Show an environment: its services and tags'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "package" -d 'Print the environment\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "override" -d 'Begin changes of the CloudFormation template of all environments'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "deploy" -d 'Create or update an environment from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "delete" -d 'Delete an environment that no service runs in any more'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "upgrade" -d 'Do nothing (kept for old scripts)'
complete -c wharf -n "__fish_wharf_using_subcommand env; and not __fish_seen_subcommand_from init ls show package override deploy delete upgrade help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l profile -d 'Named AWS profile for the environment\'s account' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l aws-access-key-id -d 'Access key id for the environment\'s account' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l aws-secret-access-key -d 'Secret access key for the environment\'s account' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l aws-session-token -d 'Session token for the environment\'s account' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l region -d 'Region of the environment [default: the session\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l import-vpc-id -d 'Existing VPC to use' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l import-public-subnets -d 'Existing public subnets to use: none or at least two' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l import-private-subnets -d 'Existing private subnets to use: none or at least two' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l import-cert-arns -d 'ARNs of existing certificates for the public load balancer' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l override-vpc-cidr -d 'CIDR of the new VPC' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l override-az-names -d 'Availability zones of the new VPC, at least two' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l override-public-cidrs -d 'CIDRs of the new public subnets, one for each zone' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l override-private-cidrs -d 'CIDRs of the new private subnets, one for each zone' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l internal-alb-subnets -d 'Subnets of the internal load balancer, out of the imported ones' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l prod -d 'Accepted for old scripts, without effect'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l default-config -d 'Use the default network; excludes the flags for an imported or adjusted one'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l container-insights -d 'Turn Container Insights on'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l internal-alb-allow-vpc-ingress -d 'Let the whole VPC reach the internal load balancer'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l resources -d 'Also show the CloudFormation resources'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l manifest -d 'Print the deployed manifest instead'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l facts -d 'Print the facts for `package --offline --facts` instead'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l output-dir -d 'Write `<env>.env.yml`, `<env>.env.params.json` and `env.addons.yml` into this folder instead' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l facts -d 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l upload-assets -d 'Upload what the template refers to'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l force -d 'Give the template a new LastForceDeployID, so that it always is a change'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l diff -d 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can\'t be told'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l offline -d 'Render without calling AWS; no credentials are needed'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from package" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l tool -d 'What makes the changes: `yamlpatch` or `cdk`' -r -f -a "yamlpatch\t''
cdk\t''"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l cdk-language -d 'Language of the CDK application' -r -f -a "typescript\t''"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l resources -d 'Logical ids of resources that the CDK application begins with, separated by commas' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l skip-resources -d 'Begin the CDK application with no resource'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from override" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l fail-fast -d 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l allow-replace -d 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l resources-to-skip -d 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l force -d 'Update the stack even when nothing changed'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l no-rollback -d 'Leave a stack whose deployment fails as it is, instead of rolling it back'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l detach -d 'Return as soon as CloudFormation has started, without waiting for the result'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l takeover -d 'Take over stacks that Copilot deployed without asking'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l skip-preflight -d 'Leave out the check of quotas that comes before a new environment is made'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l diff -d 'Show the plan, what would be changed and what it costs, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l diff-yes -d 'With --diff: go on without asking'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without asking'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -l delete-data -d 'Also delete databases, tables, buckets, file systems and other data of addons and environments'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -s n -l name -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -l all -d 'All environments'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from upgrade" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "init" -d 'Register an environment: write its manifest, create its roles and its record'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the environments of an application'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show an environment: its services and tags'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "package" -d 'Print the environment\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "override" -d 'Begin changes of the CloudFormation template of all environments'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "deploy" -d 'Create or update an environment from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete an environment that no service runs in any more'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "upgrade" -d 'Do nothing (kept for old scripts)'
complete -c wharf -n "__fish_wharf_using_subcommand env; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "init" -d 'Write a service\'s manifest and register the service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "ls" -d 'List the services of an application'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "package" -d 'Print a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "override" -d 'Begin changes of a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "deploy" -d 'Build, push and deploy one service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "delete" -d 'Delete a service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "show" -d 'Show a service: its addresses, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "status" -d 'Show how a service runs: deployments, tasks, health, what stopped and why'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "logs" -d 'Print the log lines of a service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "pause" -d 'Stop a Request-Driven Web Service until it is resumed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "resume" -d 'Start a Request-Driven Web Service that was paused'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "releases" -d 'List what a service was deployed with, newest first'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and not __fish_seen_subcommand_from init ls package override deploy delete show status logs pause resume releases help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s t -l svc-type -d 'Type of the service: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service" or "Static Site"' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s d -l dockerfile -d 'Path of the service\'s Dockerfile' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s i -l image -d 'Address of an existing image, instead of a Dockerfile' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l port -d 'Port the container listens on' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l ingress-type -d 'Who may reach a Request-Driven Web Service: Internet or Environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l subscribe-topics -d 'Topic that a Worker Service subscribes to, as SERVICE:TOPIC; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l sources -d 'File or directory of a Static Site; may be repeated [default: the whole project]' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l no-subscribe -d 'Subscribe to no topics'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -l local -d 'List only services with a manifest in this workspace'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l tag -d 'Tag for the image; the task definition then names the image by it, not by its digest' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l output-dir -d 'Write `<name>-<env>.stack.yml`, `<name>-<env>.params.json` and `<name>.addons.stack.yml` into this folder instead' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l facts -d 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l upload-assets -d 'Build, push and upload what the template refers to'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l diff -d 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can\'t be told'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l all -d 'Package all services of the workspace'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l offline -d 'Render without calling AWS; no credentials are needed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from package" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l tool -d 'What makes the changes: `yamlpatch` or `cdk`' -r -f -a "yamlpatch\t''
cdk\t''"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l cdk-language -d 'Language of the CDK application' -r -f -a "typescript\t''"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l resources -d 'Logical ids of resources that the CDK application begins with, separated by commas' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l skip-resources -d 'Begin the CDK application with no resource'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from override" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l tag -d 'Tag for the image; the task definition then names the image by it, not by its digest' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l resource-tags -d 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l try-env -d 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l fail-fast -d 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l allow-replace -d 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l resources-to-skip -d 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l force -d 'Replace the tasks even when nothing changed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l try -d 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l no-rollback -d 'Leave a stack whose deployment fails as it is, instead of rolling it back'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l detach -d 'Return as soon as CloudFormation has started, without waiting for the result'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l takeover -d 'Take over stacks that Copilot deployed without asking'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l skip-preflight -d 'Leave out the checks that come before anything is built or changed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l express -d 'Don\'t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l diff -d 'Show the plan, what would be changed and what it costs, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l diff-yes -d 'With --diff: go on without asking'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from deploy" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without asking'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -l delete-data -d 'Also delete databases, tables, buckets, file systems and other data of addons and environments'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l manifest -d 'Print the manifest deployed to this environment instead' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l resources -d 'Also show the CloudFormation resources'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l since -d 'Print lines newer than this, such as 30s, 15m or 1h30m' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l start-time -d 'Print lines from this instant on (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l end-time -d 'Print lines up to this instant (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l limit -d 'Print at most this many lines, 1 to 10000' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l tasks -d 'Print only lines of tasks whose ids start with one of these' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l log-group -d 'Read another log group' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l container -d 'Print only lines of this container' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l json -d 'Print one JSON object per line'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l follow -d 'Keep printing new lines as they come'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -s p -l previous -d 'Print only lines of the task that stopped last'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Pause without asking'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -s n -l name -d 'Name of the service' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from releases" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a service\'s manifest and register the service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the services of an application'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "package" -d 'Print a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "override" -d 'Begin changes of a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "deploy" -d 'Build, push and deploy one service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a service: its addresses, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show how a service runs: deployments, tasks, health, what stopped and why'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Print the log lines of a service'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "pause" -d 'Stop a Request-Driven Web Service until it is resumed'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Start a Request-Driven Web Service that was paused'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "releases" -d 'List what a service was deployed with, newest first'
complete -c wharf -n "__fish_wharf_using_subcommand svc; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "init" -d 'Write a job\'s manifest and register the job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "ls" -d 'List the jobs of an application'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "package" -d 'Print a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "deploy" -d 'Build, push and deploy one job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "delete" -d 'Delete a job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "run" -d 'Start a job now'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "show" -d 'Show a job: its schedule, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "status" -d 'Show when a job runs next and how its last runs ended'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "logs" -d 'Print the log lines of a job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "override" -d 'Begin changes of a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand job; and not __fish_seen_subcommand_from init ls package deploy delete run show status logs override help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s t -l job-type -d 'Type of the job: "Scheduled Job"' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s d -l dockerfile -d 'Path of the job\'s Dockerfile' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s i -l image -d 'Address of an existing image, instead of a Dockerfile' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s s -l schedule -d 'When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l timeout -d 'How long the job may run, all its tries together, such as 1h30m' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l retries -d 'How often the job is tried again after it failed [default: 0]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -l local -d 'List only jobs with a manifest in this workspace'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l tag -d 'Tag for the image; the task definition then names the image by it, not by its digest' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l output-dir -d 'Write `<name>-<env>.stack.yml`, `<name>-<env>.params.json` and `<name>.addons.stack.yml` into this folder instead' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l facts -d 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l upload-assets -d 'Build, push and upload what the template refers to'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l diff -d 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can\'t be told'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l all -d 'Package all jobs of the workspace'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l offline -d 'Render without calling AWS; no credentials are needed'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from package" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l tag -d 'Tag for the image; the task definition then names the image by it, not by its digest' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l resource-tags -d 'Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l try-env -d 'With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l fail-fast -d 'End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that ECS makes; it has no effect with --no-rollback [default: true in CI]' -r -f -a "true\t''
false\t''"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l allow-replace -d 'A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l resources-to-skip -d 'Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l try -d 'Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks ask; what fails is not deployed. Secrets are not read: the containers get placeholders'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l no-rollback -d 'Leave a stack whose deployment fails as it is, instead of rolling it back'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l detach -d 'Return as soon as CloudFormation has started, without waiting for the result'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l takeover -d 'Take over stacks that Copilot deployed without asking'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l skip-preflight -d 'Leave out the checks that come before anything is built or changed'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l express -d 'Don\'t let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the new version itself and goes back when it does not come up; for development, not for production'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l diff -d 'Show the plan, what would be changed and what it costs, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l diff-yes -d 'With --diff: go on without asking'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from deploy" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without asking'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -l delete-data -d 'Also delete databases, tables, buckets, file systems and other data of addons and environments'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -l follow -d 'Print the log lines of the run and wait for its end'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l manifest -d 'Print the manifest deployed to this environment instead' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l resources -d 'Also show the CloudFormation resources'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -l last -d 'How many of the last runs are shown, 1 to 100' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l since -d 'Print lines newer than this, such as 30s, 15m or 1h30m' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l start-time -d 'Print lines from this instant on (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l end-time -d 'Print lines up to this instant (RFC 3339)' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l limit -d 'Print at most this many lines, 1 to 10000' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l tasks -d 'Print only lines of tasks whose ids start with one of these' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l last -d 'Print only lines of the last so many runs, 1 to 1000 [default: 1, without a time]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l json -d 'Print one JSON object per line'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l follow -d 'Keep printing new lines as they come'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l include-state-machine -d 'Also print what the state machine says'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -s n -l name -d 'Name of the job' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -s e -l env -d 'Name of the environment' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l tool -d 'What makes the changes: `yamlpatch` or `cdk`' -r -f -a "yamlpatch\t''
cdk\t''"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l cdk-language -d 'Language of the CDK application' -r -f -a "typescript\t''"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l resources -d 'Logical ids of resources that the CDK application begins with, separated by commas' -r
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l skip-resources -d 'Begin the CDK application with no resource'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from override" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a job\'s manifest and register the job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the jobs of an application'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "package" -d 'Print a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "deploy" -d 'Build, push and deploy one job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "run" -d 'Start a job now'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a job: its schedule, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show when a job runs next and how its last runs ended'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "logs" -d 'Print the log lines of a job'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "override" -d 'Begin changes of a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand job; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand lint" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand lint" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand lint" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand lint" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -f -a "explain" -d 'Say what a field of a manifest is'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -f -a "schema" -d 'Print the JSON Schema of a type of manifest'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and not __fish_seen_subcommand_from explain schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s t -l type -d 'Type of the manifest, such as `backend-service` [default: all that have the field]' -r
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l write -d 'Write the schemas of all types into the workspace, where editors find them'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Say what a field of a manifest is'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of a type of manifest'
complete -c wharf -n "__fish_wharf_using_subcommand manifest; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "init" -d 'Create the manifest and the build commands of a pipeline'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "deploy" -d 'Create or update a pipeline from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "update" -d 'Create or update a pipeline from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "package" -d 'Print a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "override" -d 'Begin changes of a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "ls" -d 'List the pipelines of an application'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "show" -d 'Show a deployed pipeline with its stages'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "status" -d 'Show how a pipeline stands: its stages, transitions and actions'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "delete" -d 'Delete a pipeline; what it has deployed stays'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and not __fish_seen_subcommand_from init deploy update package override ls show status delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s u -l url -d 'Address of the repository at github.com, bitbucket.org or CodeCommit [default: git\'s remote]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s b -l git-branch -d 'Branch that starts the pipeline [default: the current one, or main]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s e -l environments -d 'Environments to deploy to, in order' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s p -l pipeline-type -d 'What is deployed: Workloads or Environments' -r -f -a "Workloads\t'Services and jobs'
Environments\t'Environments'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s t -l github-access-token -d 'Personal access token of GitHub, for pipelines without a connection' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -l ci -d 'Write a workflow for another place that builds: github or gitlab' -r -f -a "github\t'GitHub Actions'
gitlab\t'GitLab CI/CD'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -s y -l yes -d 'Update without asking'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -l diff -d 'Show the difference to the deployed template, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -s y -l yes -d 'Update without asking'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -l diff -d 'Show the difference to the deployed template, then ask whether to go on'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l output-dir -d 'Write `<pipeline>.pipeline.stack.yml` and `<pipeline>.pipeline.params.json` into this folder instead' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l facts -d 'With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it' -r -F
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l allow-downgrade -d 'Overwrite what a newer version of wharf deployed'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l diff -d 'Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can\'t be told'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l offline -d 'Render without calling AWS; no credentials are needed'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from package" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l tool -d 'What makes the changes: `yamlpatch` or `cdk`' -r -f -a "yamlpatch\t''
cdk\t''"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l cdk-language -d 'Language of the CDK application' -r -f -a "typescript\t''"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l resources -d 'Logical ids of resources that the CDK application begins with, separated by commas' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l skip-resources -d 'Begin the CDK application with no resource'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from override" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -l local -d 'List the pipelines with a manifest in this workspace, deployed or not'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -l resources -d 'Also show the CloudFormation resources'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -s a -l app -d 'Name of the application [default: the workspace\'s]' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -s n -l name -d 'Name of the pipeline' -r
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without asking; the secret then goes with --delete-secret only'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -l delete-secret -d 'Also delete the secret with the token of the source'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "init" -d 'Create the manifest and the build commands of a pipeline'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "deploy" -d 'Create or update a pipeline from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "package" -d 'Print a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "override" -d 'Begin changes of a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the pipelines of an application'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a deployed pipeline with its stages'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show how a pipeline stands: its stages, transitions and actions'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a pipeline; what it has deployed stays'
complete -c wharf -n "__fish_wharf_using_subcommand pipeline; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand completion" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand completion" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand completion" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wharf -n "__fish_wharf_using_subcommand version" -l progress -d 'Form of progress: auto, tree, lines, json or none' -r -f -a "auto\t'A live tree on a terminal, lines elsewhere'
tree\t'A live tree'
lines\t'A line for each change'
json\t'A JSON object a line for each event and for the result, on stdout'
none\t'Nothing'"
complete -c wharf -n "__fish_wharf_using_subcommand version" -l strict -d 'Count warnings about files as errors'
complete -c wharf -n "__fish_wharf_using_subcommand version" -l no-color -d 'Print without colours'
complete -c wharf -n "__fish_wharf_using_subcommand version" -s h -l help -d 'Print help'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "init" -d 'Take a folder with a Dockerfile to a running service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "deploy" -d 'Deploy services of the workspace'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "diff" -d 'Show what a deployment would do, without doing anything'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "verify" -d 'Check what a deployment rests on, without changing anything'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "status" -d 'Show how a service runs: deployments, tasks, health, what stopped and why'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "logs" -d 'Print the log lines of a service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "cost" -d 'Show what is deployed costs a month'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "doctor" -d 'Show what there is of an application in AWS, and what taking it over from Copilot would do'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "eject" -d 'Write the deployed stacks as plain CloudFormation, to go on without wharf'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "rollback" -d 'Deploy an earlier release of a service again: its template, its settings and its images'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "watch" -d 'Follow the deployments that go on in an environment, whoever began them'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "app" -d 'Create, list, show, upgrade and delete applications'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "env" -d 'Create, deploy, list, show and delete environments'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "svc" -d 'Create, deploy, list, show, observe and delete services'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "job" -d 'Create, deploy, run, list, show, observe and delete jobs'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "lint" -d 'Check all files of the workspace without calling AWS'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "manifest" -d 'Look up what manifests may hold'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "pipeline" -d 'Create, deploy, list, show and delete pipelines, which build and deploy when the source changes'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "completion" -d 'Print a completion script for a shell'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "version" -d 'Print the version'
complete -c wharf -n "__fish_wharf_using_subcommand help; and not __fish_seen_subcommand_from init deploy diff verify status logs cost doctor eject rollback watch app env svc job lint manifest pipeline completion version help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "init" -d 'Create an application, or bind this workspace to an existing one'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "ls" -d 'List the applications of this account and region'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "show" -d 'Show an application: its environments, services and which runs where'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "upgrade" -d 'Bring an application\'s roles and regional resources to this version\'s templates'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "delete" -d 'Delete an application and everything it owns'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "init" -d 'Register an environment: write its manifest, create its roles and its record'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "ls" -d 'List the environments of an application'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "show" -d 'Show an environment: its services and tags'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "package" -d 'Print the environment\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "override" -d 'Begin changes of the CloudFormation template of all environments'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "deploy" -d 'Create or update an environment from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "delete" -d 'Delete an environment that no service runs in any more'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from env" -f -a "upgrade" -d 'Do nothing (kept for old scripts)'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "init" -d 'Write a service\'s manifest and register the service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "ls" -d 'List the services of an application'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "package" -d 'Print a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "override" -d 'Begin changes of a service\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "deploy" -d 'Build, push and deploy one service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "delete" -d 'Delete a service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "show" -d 'Show a service: its addresses, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "status" -d 'Show how a service runs: deployments, tasks, health, what stopped and why'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "logs" -d 'Print the log lines of a service'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "pause" -d 'Stop a Request-Driven Web Service until it is resumed'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "resume" -d 'Start a Request-Driven Web Service that was paused'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from svc" -f -a "releases" -d 'List what a service was deployed with, newest first'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "init" -d 'Write a job\'s manifest and register the job'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "ls" -d 'List the jobs of an application'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "package" -d 'Print a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "deploy" -d 'Build, push and deploy one job'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "delete" -d 'Delete a job'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "run" -d 'Start a job now'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "show" -d 'Show a job: its schedule, sizes, variables and secrets in each environment'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "status" -d 'Show when a job runs next and how its last runs ended'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "logs" -d 'Print the log lines of a job'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from job" -f -a "override" -d 'Begin changes of a job\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "explain" -d 'Say what a field of a manifest is'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from manifest" -f -a "schema" -d 'Print the JSON Schema of a type of manifest'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "init" -d 'Create the manifest and the build commands of a pipeline'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "deploy" -d 'Create or update a pipeline from its manifest'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "package" -d 'Print a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "override" -d 'Begin changes of a pipeline\'s CloudFormation template'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "ls" -d 'List the pipelines of an application'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "show" -d 'Show a deployed pipeline with its stages'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "status" -d 'Show how a pipeline stands: its stages, transitions and actions'
complete -c wharf -n "__fish_wharf_using_subcommand help; and __fish_seen_subcommand_from pipeline" -f -a "delete" -d 'Delete a pipeline; what it has deployed stays'
