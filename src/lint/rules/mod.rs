//! The rules.

mod consistent_instruction_casing;
mod copy_before_install;
mod copy_ignored_file;
mod duplicate_stage_name;
mod expose_invalid_format;
mod expose_proto_casing;
mod from_as_casing;
mod from_platform_flag_const_disallowed;
mod invalid_base_image_platform;
mod invalid_default_arg_in_from;
mod invalid_definition_description;
mod json_args_recommended;
mod legacy_key_value_format;
mod maintainer_deprecated;
mod multiple_instructions_disallowed;
mod multiple_sources_no_slash;
mod no_empty_continuation;
mod redundant_target_platform;
mod reserved_stage_name;
mod secrets_used_in_arg_or_env;
mod stage_name_casing;
mod undefined_arg_in_from;
mod undefined_var;
mod unused_build_arg;
mod unused_global_arg;
mod unused_stage;
mod workdir_relative_path;

use super::Check;

/// All rules, in the order in which they look at a fact: BuildKit's, then ours.
pub const RULES: &[Check] = &[
    stage_name_casing::CHECK,
    from_as_casing::CHECK,
    no_empty_continuation::CHECK,
    consistent_instruction_casing::CHECK,
    duplicate_stage_name::CHECK,
    reserved_stage_name::CHECK,
    json_args_recommended::CHECK,
    maintainer_deprecated::CHECK,
    undefined_arg_in_from::CHECK,
    workdir_relative_path::CHECK,
    undefined_var::CHECK,
    multiple_instructions_disallowed::CHECK,
    legacy_key_value_format::CHECK,
    invalid_base_image_platform::CHECK,
    redundant_target_platform::CHECK,
    secrets_used_in_arg_or_env::CHECK,
    invalid_default_arg_in_from::CHECK,
    from_platform_flag_const_disallowed::CHECK,
    copy_ignored_file::CHECK,
    invalid_definition_description::CHECK,
    expose_proto_casing::CHECK,
    expose_invalid_format::CHECK,
    unused_stage::CHECK,
    unused_global_arg::CHECK,
    unused_build_arg::CHECK,
    copy_before_install::CHECK,
    multiple_sources_no_slash::CHECK,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        let mut names: Vec<&str> = RULES.iter().map(|check| check.rule.name).collect();
        crate::base::sort(&mut names);
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        assert_eq!(RULES.iter().filter(|check| !check.rule.ours).count(), 22);
        assert!(RULES.iter().all(|check| !check.rule.description.is_empty()));
    }
}
