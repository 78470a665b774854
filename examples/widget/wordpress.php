<?php
// In functions.php of a child theme, or in a plugin of one file. Then write [idlewave] in any post.
add_shortcode('idlewave', function () {
    wp_enqueue_script_module('idlewave-widget', 'https://idlewave.example/widget.js', array(), null);
    return '<idlewave-widget site="site_YOURS" size="medium"></idlewave-widget>';
});
